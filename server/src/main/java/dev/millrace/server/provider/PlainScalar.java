package dev.millrace.server.provider;

import dev.millrace.server.http.Json;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What the texts of {@link PlainYaml} mean; whatever YAML's versions read differently is beyond it. */
final class PlainScalar {
    /** All that some YAML takes for a number; what looks like one otherwise, 500-503 for example, is a text. */
    private static final Pattern PERHAPS_NUMBER =
            Pattern.compile("[-+]?(0[xXoObB][0-9a-fA-F_]+|[0-9.][0-9_.:]*([eE][-+]?[0-9]*)?|\\.[a-zA-Z]{3})");

    private static final Set<String> WORDS = Set.of("null", "~", "yes", "no", "on", "off", "y", "n", "true", "false");
    private static final int MOST_DIGITS = 9;

    private PlainScalar() {}

    /** A text without quotes: a boolean, a whole number or itself. */
    static JsonNode of(String plain) {
        if (plain.equals("true") || plain.equals("false")) {
            return JsonNodeFactory.instance.booleanNode(plain.equals("true"));
        }
        if (plain.charAt(0) <= '9' && PERHAPS_NUMBER.matcher(plain).matches()) {
            return JsonNodeFactory.instance.numberNode(integer(plain));
        }
        if (plain.length() <= 5 && WORDS.contains(plain.toLowerCase(Locale.ROOT))) {
            throw new Beyond();
        }
        return JsonNodeFactory.instance.stringNode(plain);
    }

    private static int integer(String digits) {
        boolean simple = digits.length() <= MOST_DIGITS
                && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && (digits.length() == 1 || digits.charAt(0) != '0');
        if (!simple) {
            throw new Beyond();
        }
        return Integer.parseInt(digits);
    }

    /** The inside of double quotes. */
    static String unescaped(String inner) {
        try {
            // JSON's escapes mean the same in YAML.
            return Json.MAPPER.readTree('"' + inner + '"').stringValue();
        } catch (JacksonException e) {
            throw new Beyond();
        }
    }
}
