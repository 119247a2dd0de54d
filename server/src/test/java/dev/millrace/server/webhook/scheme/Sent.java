package dev.millrace.server.webhook.scheme;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A webhook to a built-in provider, with the secrets and settings of its integration. Immutable: changes return a copy.
 */
record Sent(
        String provider,
        Map<String, String> headers,
        Map<String, String> query,
        byte[] body,
        Map<String, String> keys,
        String metadata,
        Instant now) {
    static final Providers PROVIDERS = Providers.load(List.of());
    static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    static final String SECONDS = String.valueOf(NOW.getEpochSecond());
    static final String SECRET = "the secret of the test";
    private static final HexFormat HEX = HexFormat.of();

    static Sent to(String provider, String body) {
        var keys = Map.of("webhook_url", "https://millrace.example/webhook/e/i");
        var headers = Map.of("content-type", "application/json");
        return new Sent(provider, headers, Map.of(), body.getBytes(UTF_8), keys, "{}", NOW);
    }

    Sent header(String name, String value) {
        return new Sent(provider, with(headers, name, value), query, body, keys, metadata, now);
    }

    Sent query(String name, String value) {
        return new Sent(provider, headers, with(query, name, value), body, keys, metadata, now);
    }

    Sent key(String name, String value) {
        return new Sent(provider, headers, query, body, with(keys, name, value), metadata, now);
    }

    Sent secret() {
        return key("webhook_secret", SECRET);
    }

    Sent clientSecret() {
        return key("client_secret", SECRET);
    }

    Sent metadata(String json) {
        return new Sent(provider, headers, query, body, keys, json, now);
    }

    Sent body(byte[] bytes) {
        return new Sent(provider, headers, query, bytes, keys, metadata, now);
    }

    Sent at(Instant time) {
        return new Sent(provider, headers, query, body, keys, metadata, time);
    }

    /** A copy with a different value of each secret. */
    Sent forged() {
        var changed = new TreeMap<>(keys);
        changed.replaceAll((name, value) -> name.equals("webhook_url") ? value : value + "!");
        return new Sent(provider, headers, query, body, changed, metadata.replace(SECRET, SECRET + "!"), now);
    }

    private static Map<String, String> with(Map<String, String> map, String name, String value) {
        var copy = new TreeMap<>(map);
        copy.put(name, value);
        return Map.copyOf(copy);
    }

    /** Reads the webhook, and verifies it with the secret of a connection if the scheme requires that. */
    Reading read() {
        return read(PROVIDERS.find(provider).orElseThrow());
    }

    Reading read(Provider by) {
        return read(by, new GoogleTokens(Optional::empty, clock()));
    }

    ProviderCall call() {
        return new ProviderCall(headers, query, body);
    }

    Clock clock() {
        return Clock.fixed(now, ZoneOffset.UTC);
    }

    Reading read(Provider by, GoogleTokens google) {
        try {
            var scheme = new WebhookSchemes(PROVIDERS::find, google, connectwise(), clock())
                    .of(by)
                    .orElseThrow();
            var reading =
                    scheme.read(new ProviderCall(headers, query, body), name -> Optional.ofNullable(keys.get(name)));
            if (reading instanceof Reading.Accepted accepted) {
                for (var event : accepted.events()) {
                    var refusal = event.check().flatMap(check -> check.check(Json.parse(metadata)));
                    if (refusal.isPresent()) {
                        return new Reading.Refused(refusal.get());
                    }
                }
            }
            return reading;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private ConnectwiseKeys connectwise() {
        return new ConnectwiseKeys(
                _ -> Optional.ofNullable(keys.get("fetched"))
                        .map(key -> Json.text(Json.object().put("signing_key", key))),
                clock());
    }

    /** The outcome, for example {@code 401 webhook_invalid_signature} or {@code accepted}. */
    String outcome() {
        return outcome(read());
    }

    static String outcome(Reading reading) {
        return switch (reading) {
            case Reading.Refused refused ->
                refused.refusal().status() + " " + refused.refusal().code();
            case Reading.Answered answered -> "answered " + answered.response().status();
            case Reading.Accepted _ -> "accepted";
        };
    }

    static String hex(String algorithm, String key, String message) {
        return HEX.formatHex(mac(algorithm, key.getBytes(UTF_8), message));
    }

    static String hex(String message) {
        return hex("HmacSHA256", SECRET, message);
    }

    static String base64(String message) {
        return Base64.getEncoder().encodeToString(mac("HmacSHA256", SECRET.getBytes(UTF_8), message));
    }

    static byte[] mac(String algorithm, byte[] key, String message) {
        try {
            var mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(message.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String sha256(String message) {
        try {
            return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(message.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String text() {
        return new String(body, UTF_8);
    }

    /** A copy with a header that is computed from the body. */
    Sent signed(String header, UnaryOperator<String> signature) {
        return header(header, signature.apply(text()));
    }
}
