package dev.millrace.server.provider;

import dev.millrace.server.provider.WebhookRules.Check;
import dev.millrace.server.provider.WebhookRules.Encoding;
import dev.millrace.server.provider.WebhookRules.Kind;
import dev.millrace.server.provider.WebhookRules.Signature;
import dev.millrace.server.provider.WebhookRules.Time;
import dev.millrace.server.provider.WebhookRules.TimeUnit;
import dev.millrace.server.provider.WebhookValue.Place;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the {@code webhook.signature} block of a definition and reports its faults. */
final class WebhookSignatureReader {
    private static final Pattern SECRET = Pattern.compile("[a-zA-Z_]+|metadata\\..+");
    private static final Set<Place> PLACES = Set.of(Place.BODY, Place.HEADER, Place.QUERY);
    private static final Set<Place> SIGNED =
            Set.of(Place.BODY, Place.JSON, Place.TIMESTAMP, Place.SECRET, Place.URL, Place.HEADER, Place.QUERY);
    private static final List<String> ALGORITHMS = List.of("sha1", "sha256", "sha512");
    private static final Set<Kind> OVER_TEXT = Set.of(Kind.HMAC, Kind.HASH, Kind.RSA);
    private static final long TOLERANCE = 300;
    private static final long LONGEST = 30L * 24 * 3600;

    private WebhookSignatureReader() {}

    static Signature read(WebhookBlock block) {
        var kind = block.choice("kind", Kind.HMAC, List.of(Kind.values()));
        var from = block.value("from", PLACES);
        if (from.isEmpty() && kind != Kind.STANDARD) {
            block.fault("from", "must say where the signature is, for example header.x-signature");
        }
        var signed = OVER_TEXT.contains(kind) ? signed(block, kind) : List.<WebhookValue>of();
        var time = block.has("timestamp")
                ? Optional.of(time(block, kind))
                : kind == Kind.STANDARD
                        ? Optional.of(new Time(Optional.empty(), "", TimeUnit.SECONDS, TOLERANCE))
                        : Optional.<Time>empty();
        if (OVER_TEXT.contains(kind)) {
            checkTime(block, signed, time.isPresent());
        }
        return new Signature(
                kind,
                from,
                algorithm(block),
                block.choice("encoding", Encoding.HEX, List.of(Encoding.HEX, Encoding.BASE64)),
                block.text("prefix").orElse(""),
                block.text("separator").filter(separator -> !separator.isEmpty()),
                signed,
                time,
                secrets(block),
                block.choice("secret_encoding", Encoding.TEXT, List.of(Encoding.values())),
                block.choice("check", Check.ALWAYS, List.of(Check.values())),
                block.text("body_hash_claim"));
    }

    private static String algorithm(WebhookBlock block) {
        var algorithm = block.text("algorithm").orElse("sha256");
        if (!ALGORITHMS.contains(algorithm)) {
            block.fault("algorithm", "'" + algorithm + "' is none of " + ALGORITHMS);
        }
        return algorithm;
    }

    private static List<String> secrets(WebhookBlock block) {
        var secrets = block.has("secret") ? block.texts("secret") : List.of("webhook_secret");
        for (var secret : secrets) {
            if (!SECRET.matcher(secret).matches()) {
                block.fault("secret", "'" + secret + "' must be webhook_secret, client_secret or metadata.KEY");
            }
        }
        if (secrets.isEmpty()) {
            block.fault("secret", "must name a secret; without the key it is webhook_secret");
        }
        return secrets;
    }

    private static List<WebhookValue> signed(WebhookBlock block, Kind kind) {
        if (!block.has("signed")) {
            var usual = kind == Kind.HASH ? "${secret}${body}" : "${body}";
            return WebhookValue.template(usual).stream().toList();
        }
        var texts = block.templates("signed", SIGNED);
        for (var text : texts) {
            if (!text.places().contains(Place.BODY) && !text.places().contains(Place.JSON)) {
                block.fault("signed", "must contain ${body}, or anybody could change the body");
            }
            if (kind == Kind.HASH && !text.places().contains(Place.SECRET)) {
                block.fault("signed", "must contain ${secret}, or anybody could compute the hash");
            }
        }
        return texts;
    }

    private static Time time(WebhookBlock block, Kind kind) {
        var child = block.child("timestamp");
        var from = child.value("from", PLACES);
        var prefix = child.text("prefix").orElse("");
        if (kind == Kind.STANDARD) {
            if (from.isPresent() || !prefix.isEmpty()) {
                block.fault("timestamp", "may have only a tolerance, because the kind is standard");
            }
        } else if (from.isPresent() != prefix.isEmpty()) {
            block.fault("timestamp", "must have either from, or prefix when it is in the list of signatures");
        }
        var time = new Time(
                from,
                prefix,
                child.choice("unit", TimeUnit.SECONDS, List.of(TimeUnit.values())),
                child.number("tolerance", TOLERANCE, 0, LONGEST));
        child.end();
        return time;
    }

    private static void checkTime(WebhookBlock block, List<WebhookValue> signed, boolean timed) {
        for (var text : signed) {
            boolean used = text.places().contains(Place.TIMESTAMP);
            if (used && !timed) {
                block.fault("timestamp", "must say where the timestamp is, because signed contains ${timestamp}");
            }
            if (timed && !used) {
                block.fault("signed", "must contain ${timestamp}, or anybody could change the timestamp");
            }
        }
    }
}
