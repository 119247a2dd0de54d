package dev.millrace.server.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Masks secrets in text that is to be stored: known values in all their encodings, and values in the usual places of
 * secrets. Thread-safe.
 */
public final class Secrets {
    public static final String BLANK = "REDACTED";

    /** Shorter texts are too likely to occur in harmless text. */
    private static final int SHORTEST = 4;

    private static final Set<String> HARMLESS =
            Set.of("type", "token_type", "scope", "scopes", "expires_at", "expires_in", "expiresAt");
    private static final String NAMES = "access_?token|refresh_?token|id_?token|auth_?token|api_?key|x-api-key"
            + "|client_?secret|private_?key|secret|password|authorization|cookie|set-cookie";
    private static final Pattern FIELD = Pattern.compile("\"(?:" + NAMES + ")\"\\s*:\\s*\"", Pattern.CASE_INSENSITIVE);
    private static final Pattern PARAMETER = Pattern.compile(
            "((?:[?&](?:token|key|sig|signature)|(?<![\\w-])(?:" + NAMES + "))=)(?!REDACTED)[^&\\s\"'\\\\]+",
            Pattern.CASE_INSENSITIVE);
    /** To the end of the line, because the scheme is unknown; in JSON to the end of the string. */
    private static final Pattern LINE = Pattern.compile(
            "(?<![\\w\"-])((?:proxy-)?authorization|x-api-key)(\\s*:\\s*)(?!REDACTED|(?:Bearer|Basic) REDACTED)[^\\s\"'\\\\][^\\r\\n\"'\\\\]*",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern HEADER = Pattern.compile(
            "\\b(Bearer|Basic)\\s+(?=[\\w.~+/-]{0,100}[\\d=])[\\w.~+/-]{12,}=*", Pattern.CASE_INSENSITIVE);

    private static final Pattern VARIABLE =
            Pattern.compile("key|token|secret|passw|pwd|credential|private|auth", Pattern.CASE_INSENSITIVE);
    /** Headers of which only the name is shown. */
    private static final Pattern SECRET_NAME =
            Pattern.compile("^(proxy-)?authorization$|" + NAMES + "|token|signature", Pattern.CASE_INSENSITIVE);

    private final Set<String> known = new HashSet<>();
    // Longest first, so that a secret that contains another one is masked as a whole.
    private volatile List<String> forms = List.of();
    /** Created by the first text that may need them. */
    private volatile @Nullable List<Pattern> patterns;

    /** The secret texts of a credentials object. */
    public static Set<String> in(JsonNode credentials) {
        var found = new HashSet<String>();
        collect(credentials, found);
        var user = credentials.path("username").asString("");
        if (!user.isEmpty()) {
            found.add(base64(user + ':' + credentials.path("password").asString("")));
        }
        return found;
    }

    /** Of {@code [{name, value}]}, the values whose names suggest a secret; most others are switches and addresses. */
    public static Set<String> ofVariables(JsonNode variables) {
        return variables
                .valueStream()
                .filter(v -> VARIABLE.matcher(v.path("name").asString("")).find())
                .map(v -> v.path("value").asString(""))
                .collect(Collectors.toSet());
    }

    private static void collect(JsonNode node, Set<String> found) {
        node.properties().stream()
                .filter(field -> !HARMLESS.contains(field.getKey()))
                .forEach(field -> collect(field.getValue(), found));
        if (node.isArray()) {
            node.forEach(item -> collect(item, found));
        }
        node.stringValueOpt().ifPresent(found::add);
    }

    /** Masks these values too from now on. */
    public synchronized void add(Collection<String> secrets) {
        boolean more = false;
        for (var secret : secrets) {
            more |= secret.strip().length() >= SHORTEST && known.add(secret);
        }
        if (more) {
            patterns = null;
            forms = known.stream()
                    .flatMap(secret -> SecretForms.of(secret).stream())
                    .distinct()
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .toList();
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    /** Whether a known value occurs in the text, in any encoding. */
    public boolean standIn(String text) {
        return forms.stream().anyMatch(text::contains)
                || (SecretForms.mayBeEscaped(text)
                        && patterns().stream()
                                .anyMatch(pattern -> pattern.matcher(text).find()));
    }

    private List<Pattern> patterns() {
        var made = patterns;
        if (made == null) {
            made = escaped();
            patterns = made;
        }
        return made;
    }

    private synchronized List<Pattern> escaped() {
        return known.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .flatMap(secret -> SecretForms.escaped(secret).stream())
                .toList();
    }

    /** Whether a header or field with this name contains a secret, whatever its value. */
    public static boolean isSecretName(String name) {
        return SECRET_NAME.matcher(name).find();
    }

    /** Masks the known values and everything that looks like a secret. */
    public String blank(String text) {
        var shown = text;
        for (var form : forms) {
            shown = shown.replace(form, BLANK);
        }
        if (SecretForms.mayBeEscaped(shown)) {
            for (var pattern : patterns()) {
                shown = pattern.matcher(shown).replaceAll(BLANK);
            }
        }
        shown = fields(shown);
        shown = shown.indexOf('=') < 0 ? shown : PARAMETER.matcher(shown).replaceAll("$1" + BLANK);
        shown = HEADER.matcher(shown).replaceAll("$1 " + BLANK);
        return shown.indexOf(':') < 0 ? shown : LINE.matcher(shown).replaceAll("$1$2" + BLANK);
    }

    /** Scanned by hand from the quote on, because a regular expression would recurse for long values. */
    private static String fields(String text) {
        var field = FIELD.matcher(text);
        if (!field.find()) {
            return text;
        }
        var shown = new StringBuilder(text.length());
        int from = 0;
        do {
            shown.append(text, from, field.end()).append(BLANK);
            from = closingQuote(text, field);
        } while (field.find(from));
        return shown.append(text, from, text.length()).toString();
    }

    private static int closingQuote(String text, Matcher field) {
        int at = field.end();
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at, text.length());
    }

    @Override
    public String toString() {
        return "Secrets[" + known.size() + ']';
    }
}
