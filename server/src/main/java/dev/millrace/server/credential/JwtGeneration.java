package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Template;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Creates the tokens that a definition describes with {@code signature} and {@code token}. */
final class JwtGeneration {
    private static final long LIFE_MILLIS = Duration.ofHours(1).toMillis();

    private JwtGeneration() {}

    static SignedJwt renew(TokenContext context, SignedJwt old, Moment moment) {
        var made = sign(context, old.fields(), moment);
        return new SignedJwt(old.fields(), made.token(), Optional.of(made.until()));
    }

    record Signed(String token, Instant until) {}

    static Signed sign(TokenContext context, ObjectNode fields, Moment moment) {
        var description = context.definition().path("token");
        var config = context.effectiveConfig();
        var names = Names.under("credentials.", fields).or(Names.under("connectionConfig.", config));
        var header = filled(description.path("header"), names, moment);
        var claims = filled(description.path("payload"), names, moment);
        var until = moment.now().plusMillis(description.path("expires_in_ms").asLong(LIFE_MILLIS));
        claims.put("iat", moment.now().getEpochSecond());
        claims.put("exp", until.getEpochSecond());
        var key = Template.plain(description.path("signing_key").asString(""))
                .resolve(names, moment)
                .orElseThrow(() -> TokenFailure.impossible(
                        "invalid_signing_key", "The key that signs the token is missing in the credentials."));
        return new Signed(JwtSigner.sign(header, claims, key, kind(context)), until);
    }

    private static JwtSigner.KeyKind kind(TokenContext context) {
        var signature = context.definition().path("signature");
        return switch (signature.path("protocol").asString("RSA")) {
            case "EC" -> JwtSigner.KeyKind.EC;
            case "HMAC" ->
                signature.path("hmac_secret_encoding").asString("hex").equals("utf8")
                        ? JwtSigner.KeyKind.HMAC_TEXT
                        : JwtSigner.KeyKind.HMAC_HEX;
            default -> JwtSigner.KeyKind.RSA;
        };
    }

    /** Fields without a value are left out. */
    static ObjectNode filled(JsonNode description, Names names, Moment moment) {
        var object = Json.object();
        for (var field : description.properties()) {
            switch (field.getValue()) {
                case ArrayNode list -> object.set(field.getKey(), list(list, names, moment));
                case ObjectNode nested -> object.set(field.getKey(), filled(nested, names, moment));
                case JsonNode text
                when text.isString() ->
                    Template.plain(text.stringValue())
                            .resolve(names, moment)
                            .ifPresent(value -> object.put(field.getKey(), value));
                case JsonNode other -> object.set(field.getKey(), other);
            }
        }
        return object;
    }

    /** A value may hold several, separated by commas. */
    private static ArrayNode list(ArrayNode list, Names names, Moment moment) {
        var values = Json.array();
        for (var item : list) {
            var value = Template.plain(item.asString("")).resolve(names, moment).orElse("");
            for (var part : value.split(",", -1)) {
                if (!part.isBlank()) {
                    values.add(part.strip());
                }
            }
        }
        return values;
    }
}
