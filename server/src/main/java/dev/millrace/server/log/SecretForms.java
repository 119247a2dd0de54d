package dev.millrace.server.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The encodings in which a secret may occur: in URLs, forms, JSON and base64, alone or inside a longer text. */
final class SecretForms {
    /** The base64 form of a shorter text is likely to occur by chance. */
    private static final int SHORTEST_WITHIN = 8;

    /** Longer secrets are certificates and the like; nobody escapes their characters one by one. */
    private static final int LONGEST_ESCAPED = 2048;

    private static final Base64.Encoder BASE64 = Base64.getEncoder().withoutPadding();

    private SecretForms() {}

    static Set<String> of(String secret) {
        var bare = secret.strip();
        var encoded = URLEncoder.encode(secret, UTF_8);
        var inJson = quoted(secret);
        var forms = new LinkedHashSet<String>();
        forms.add(secret);
        forms.add(bare);
        forms.add(encoded);
        forms.add(encoded.replace("+", "%20"));
        forms.add(inJson);
        forms.add(quoted(inJson));
        // Header values are bytes: text written as UTF-8 may be read as Latin-1, and the reverse.
        forms.add(new String(bare.getBytes(UTF_8), ISO_8859_1));
        forms.add(URLEncoder.encode(bare, ISO_8859_1));
        for (var text : List.of(secret, bare, bare + '\n', bare + "\r\n")) {
            addBase64(Base64.getEncoder().encodeToString(text.getBytes(UTF_8)), forms);
            addBase64(BASE64.encodeToString(text.getBytes(UTF_8)), forms);
        }
        if (bare.length() >= SHORTEST_WITHIN) {
            for (int before = 0; before < 3; before++) {
                addBase64(within(bare.getBytes(UTF_8), before), forms);
            }
        }
        return forms;
    }

    private static void addBase64(String text, Set<String> forms) {
        forms.add(text);
        forms.add(text.replace('+', '-').replace('/', '_'));
    }

    private static String quoted(String text) {
        var quoted = Json.quote(text);
        return quoted.substring(1, quoted.length() - 1);
    }

    /**
     * The base64 characters that depend only on these bytes, when the bytes follow others: complete groups of three and
     * the remainder.
     */
    private static String within(byte[] secret, int before) {
        var bytes = new byte[before + secret.length];
        System.arraycopy(secret, 0, bytes, before, secret.length);
        int from = (8 * before + 5) / 6;
        return BASE64.encodeToString(bytes).substring(from, 8 * bytes.length / 6);
    }

    static boolean mayBeEscaped(String text) {
        return text.indexOf('%') >= 0 || text.indexOf('\\') >= 0;
    }

    /** Matches the secret with any of its characters percent-encoded, once or twice, or escaped as in JSON. */
    static Optional<Pattern> escaped(String secret) {
        var bare = secret.strip();
        if (bare.length() > LONGEST_ESCAPED) {
            return Optional.empty();
        }
        var pattern = new StringBuilder();
        bare.codePoints().forEach(point -> pattern.append(alternatives(point)));
        return Optional.of(Pattern.compile(pattern.toString()));
    }

    private static String alternatives(int point) {
        var text = Character.toString(point);
        var any = new StringBuilder("(?:").append(Pattern.quote(text));
        any.append("|(?i:");
        for (byte b : text.getBytes(UTF_8)) {
            any.append("%(?:25)?").append(String.format("%02x", b & 255));
        }
        any.append('|');
        text.chars().forEach(c -> any.append(String.format("\\\\{1,2}u%04x", c)));
        any.append(')');
        if ("\"\\/".contains(text)) {
            any.append("|\\\\{1,3}").append(Pattern.quote(text));
        }
        if (point == ' ') {
            any.append("|\\+");
        }
        return any.append(')').toString();
    }
}
