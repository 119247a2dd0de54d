package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Template;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** A signed statement about a user that a login sends instead of a password: SAML or a JSON web token. */
final class Assertion {
    private static final Duration SAML_LIFE = Duration.ofMinutes(5);
    private static final Duration JWT_LIFE = Duration.ofHours(1);
    /** An assertion that is valid for less than this is replaced. */
    private static final Duration LEAST = Duration.ofMinutes(1);

    private static final Pattern NOT_AFTER = Pattern.compile("NotOnOrAfter=\"([^\"]+)\"");

    private final ObjectNode description;
    private final Names names;
    private final Moment moment;

    Assertion(ObjectNode description, ObjectNode credentials, ObjectNode config, ObjectNode options, Moment moment) {
        this.description = description;
        this.names = Names.under("credentials.", credentials)
                .or(Names.under("connectionConfig.", config))
                .or(Names.under("assertionOption.", options));
        this.moment = moment;
    }

    /** The stored assertion while it is valid, otherwise a new one. */
    String current(Optional<String> stored) {
        boolean once = description.path("singleUse").asBoolean(false);
        return stored.filter(assertion -> !once
                        && until(assertion)
                                .filter(time -> time.isAfter(moment.now().plus(LEAST)))
                                .isPresent())
                .orElseGet(this::make);
    }

    private static Optional<Instant> until(String assertion) {
        var jwt = TwoStepLife.expiry(assertion);
        if (jwt.isPresent()) {
            return jwt;
        }
        try {
            var found = NOT_AFTER.matcher(new String(Base64.getMimeDecoder().decode(assertion), UTF_8));
            return found.find() ? Optional.of(Instant.parse(found.group(1))) : Optional.empty();
        } catch (IllegalArgumentException | DateTimeParseException _) {
            return Optional.empty();
        }
    }

    private String make() {
        if (!description.path("type").asString("saml").equals("jwt")) {
            return new SamlAssertion(description, this::filled, moment).make(life(SAML_LIFE));
        }
        var header = JwtGeneration.filled(description.path("header"), names, moment);
        var claims = JwtGeneration.filled(description.path("payload"), names, moment);
        if (!claims.has("iat")) {
            claims.put("iat", moment.now().getEpochSecond());
        }
        if (!claims.has("exp")) {
            claims.put("exp", moment.now().plus(life(JWT_LIFE)).getEpochSecond());
        }
        if (!header.has("alg")) {
            header.put("alg", "RS256");
        }
        var kind = header.path("alg").asString("").startsWith("ES") ? JwtSigner.KeyKind.EC : JwtSigner.KeyKind.RSA;
        return JwtSigner.sign(header, claims, filled("key").orElse(""), kind);
    }

    private Duration life(Duration usual) {
        return filled("lifetimeInSeconds")
                .filter(text -> text.matches("\\d{1,9}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                .orElse(usual);
    }

    private Optional<String> filled(String name) {
        var node = TokenAnswer.at(description, name).orElse(NullNode.getInstance());
        return node.isValueNode() && !node.isNull()
                ? Optional.of(Template.plain(node.asString("")).render(names, moment))
                        .filter(text -> !text.isEmpty())
                : Optional.empty();
    }
}
