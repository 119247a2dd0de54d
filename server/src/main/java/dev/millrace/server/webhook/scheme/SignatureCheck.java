package dev.millrace.server.webhook.scheme;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.provider.WebhookRules.Check;
import dev.millrace.server.provider.WebhookRules.Encoding;
import dev.millrace.server.provider.WebhookRules.Kind;
import dev.millrace.server.provider.WebhookRules.Signature;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Verifies the signature of a call according to the rules of a definition. Thread-safe. */
final class SignatureCheck {
    private static final String METADATA = "metadata.";

    private final List<Signature> rules;
    private final Clock clock;
    private final GoogleTokens google;

    SignatureCheck(List<Signature> rules, Clock clock, GoogleTokens google) {
        this.rules = rules;
        this.clock = clock;
        this.google = google;
    }

    /**
     * The result of the verification.
     *
     * @param later the remaining verification, which needs a secret of the connection
     */
    record Outcome(Optional<WebhookRefusal> refusal, Optional<ConnectionCheck> later) {
        private static final Outcome GENUINE = new Outcome(Optional.empty(), Optional.empty());

        private static Outcome of(Optional<WebhookRefusal> refusal) {
            return new Outcome(refusal, Optional.empty());
        }
    }

    boolean isEmpty() {
        return rules.isEmpty();
    }

    Outcome check(CallValues values, IntegrationKeys keys) throws InterruptedException {
        if (rules.isEmpty()) {
            return Outcome.GENUINE;
        }
        var rule = rules.stream()
                .filter(candidate -> isPresent(candidate, values))
                .findFirst()
                .orElse(rules.getFirst());
        if (rule.kind() == Kind.GOOGLE) {
            return Outcome.of(google(rule, values, keys));
        }
        if (rule.check() == Check.WHEN_PRESENT && !isPresent(rule, values)) {
            return Outcome.GENUINE;
        }
        var secrets = secrets(rule, keys);
        if (!secrets.isEmpty()) {
            return Outcome.of(verify(rule, values, secrets));
        }
        if (rule.secrets().stream().anyMatch(name -> name.startsWith(METADATA))) {
            return new Outcome(Optional.empty(), Optional.of(metadata -> verify(rule, values, of(rule, metadata))));
        }
        return Outcome.of(verify(rule, values, secrets));
    }

    /**
     * Verifies a token of Google. There is no shared secret. The settings of the integration can require the token and
     * its service account.
     */
    private Optional<WebhookRefusal> google(Signature rule, CallValues values, IntegrationKeys keys)
            throws InterruptedException {
        var given = rule.from().flatMap(values::text);
        if (given.isEmpty()) {
            boolean optional = rule.check() != Check.ALWAYS
                    && !keys.get("webhookTokenRequired").orElse("").equals("true");
            return optional ? Optional.empty() : Optional.of(WebhookRefusal.MISSING_TOKEN);
        }
        var audience = keys.get("webhookAudience").or(() -> keys.get("webhook_url"));
        return google.refusal(TokenSignature.bare(given.get()), audience, keys.get("webhookServiceAccount"));
    }

    private static boolean isPresent(Signature rule, CallValues values) {
        return rule.kind() == Kind.STANDARD
                ? StandardSignature.isPresent(values.call())
                : rule.from().flatMap(values::text).isPresent();
    }

    /** The secrets of the integration that the rule names and that are set. */
    static List<String> secrets(Signature rule, IntegrationKeys keys) {
        return rule.secrets().stream()
                .filter(name -> !name.startsWith(METADATA))
                .flatMap(name -> keys.get(name).stream())
                .filter(secret -> !secret.isBlank())
                .toList();
    }

    /** The secrets of a connection: a text, or a list of texts of which one must match. */
    private static List<String> of(Signature rule, JsonNode metadata) {
        return rule.secrets().stream()
                .filter(name -> name.startsWith(METADATA))
                .map(name -> metadata.path(name.substring(METADATA.length())))
                .flatMap(node -> node.isArray() ? node.valueStream() : Stream.of(node))
                .flatMap(node -> Fields.text(node).stream())
                .filter(secret -> !secret.isBlank())
                .toList();
    }

    private Optional<WebhookRefusal> verify(Signature rule, CallValues values, List<String> secrets) {
        if (secrets.isEmpty()) {
            return rule.check() == Check.ALWAYS ? Optional.of(WebhookRefusal.NO_SECRET) : Optional.empty();
        }
        if (!isPresent(rule, values)) {
            return Optional.of(
                    rule.kind() == Kind.TOKEN ? WebhookRefusal.MISSING_TOKEN : WebhookRefusal.MISSING_SIGNATURE);
        }
        try {
            for (var secret : secrets) {
                if (isGenuine(rule, values, secret)) {
                    return Optional.empty();
                }
            }
            return Optional.of(WebhookRefusal.INVALID_SIGNATURE);
        } catch (GeneralSecurityException _) {
            return Optional.of(WebhookRefusal.NO_SECRET);
        }
    }

    /** @throws GeneralSecurityException if the secret is not a key of the required kind */
    private boolean isGenuine(Signature rule, CallValues values, String secret) throws GeneralSecurityException {
        if (rule.kind() == Kind.STANDARD) {
            long tolerance = rule.time().map(time -> time.tolerance()).orElse(0L);
            return new StandardSignature(clock, tolerance).isGenuine(values.call(), secret);
        }
        var given = rule.from().flatMap(values::text).orElse("");
        var items = rule.separator()
                .map(separator -> Stream.of(given.split(Pattern.quote(separator), -1))
                        .map(String::strip)
                        .toList())
                .orElse(List.of(given));
        var signatures = items.stream()
                .filter(item -> item.startsWith(rule.prefix()))
                .map(item -> item.substring(rule.prefix().length()).strip())
                .toList();
        var time = rule.time().flatMap(wanted -> Timestamp.read(wanted, values, items));
        if (rule.time().isPresent()
                && !time.map(read ->
                                read.isNear(clock.instant(), rule.time().get().tolerance()))
                        .orElse(false)) {
            return false;
        }
        var signing = values.with(Optional.of(secret), time.map(Timestamp::text));
        for (var signature : signatures) {
            if (isGenuine(rule, signing, secret, signature)) {
                return true;
            }
        }
        return false;
    }

    private boolean isGenuine(Signature rule, CallValues values, String secret, String signature)
            throws GeneralSecurityException {
        return switch (rule.kind()) {
            case HMAC, HASH, RSA -> {
                for (var signed : rule.signed()) {
                    var message = values.bytes(signed);
                    if (message.isPresent() && isGenuine(rule, message.get(), secret, signature)) {
                        yield true;
                    }
                }
                yield false;
            }
            case TOKEN -> Crypto.equal(secret, signature);
            case JWT ->
                TokenSignature.isGenuine(
                        TokenSignature.bare(signature),
                        Crypto.publicKey(secret),
                        rule.bodyHash(),
                        values.call(),
                        clock.instant());
            case STANDARD, GOOGLE -> false;
        };
    }

    private static boolean isGenuine(Signature rule, byte[] message, String secret, String signature)
            throws GeneralSecurityException {
        return switch (rule.kind()) {
            case HMAC -> {
                var expected = Crypto.hmac(rule.algorithm(), key(rule, secret), message);
                yield Crypto.equal(Crypto.encoded(expected, rule.encoding()), signature);
            }
            case HASH ->
                Crypto.equal(Crypto.encoded(Crypto.hash(rule.algorithm(), message), rule.encoding()), signature);
            case RSA -> {
                var key = Crypto.publicKey(secret);
                var bytes = bytes(signature, rule.encoding());
                yield bytes.isPresent() && Crypto.verifiesRsa(rule.algorithm(), key, message, bytes.get());
            }
            case TOKEN, STANDARD, JWT, GOOGLE -> false;
        };
    }

    private static byte[] key(Signature rule, String secret) throws GeneralSecurityException {
        return bytes(secret, rule.secretEncoding())
                .orElseThrow(() -> new GeneralSecurityException("the secret is not encoded as the definition says"));
    }

    private static Optional<byte[]> bytes(String text, Encoding encoding) {
        try {
            return Optional.of(
                    switch (encoding) {
                        case TEXT -> text.getBytes(UTF_8);
                        case HEX -> HexFormat.of().parseHex(text.strip());
                        case BASE64 -> Base64.getDecoder().decode(text.strip());
                    });
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
