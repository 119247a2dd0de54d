package dev.millrace.server.http;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Text and JSON that PostgreSQL can store. It cannot store NUL, unpaired surrogates and numbers with an extreme
 * exponent, which JSON and JavaScript allow. Values from functions and providers are repaired, so that they can always
 * be stored. Values from requests are refused, so that the stored value never differs from the one sent.
 */
public final class Storable {
    private static final char REPLACEMENT = '\uFFFD';
    private static final int ESCAPE = 6; // of a backslash, a u and four digits
    private static final String NUL = "holds a NUL character, which cannot be stored";
    private static final String HALF = "holds half of a surrogate pair, which cannot be stored";
    private static final String NUMBER = "has an exponent so large that it cannot be stored";
    // The limits of PostgreSQL's numeric, which jsonb uses for numbers.
    private static final int MOST_DIGITS = 131_072;
    private static final int MOST_DECIMALS = 16_383;

    private Storable() {}

    /** Why a text cannot be stored, as the end of a sentence that begins with its name. */
    public static Optional<String> fault(String text) {
        int at = firstFault(text, 0);
        return at < 0 ? Optional.empty() : Optional.of(text.charAt(at) == 0 ? NUL : HALF);
    }

    private static int firstFault(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return i;
            }
            if (Character.isSurrogate(c)) {
                if (!isPair(text, i)) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    private static boolean isPair(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                && at + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(at + 1));
    }

    /** The text with U+FFFD in place of characters that cannot be stored. */
    public static String text(String text) {
        int fault = firstFault(text, 0);
        if (fault < 0) {
            return text;
        }
        var mended = new StringBuilder(text);
        for (int at = fault; at >= 0; at = firstFault(text, at + 1)) {
            mended.setCharAt(at, REPLACEMENT);
        }
        return mended.toString();
    }

    /** The same for JSON text, which may contain such characters as escapes. */
    public static String json(String json) {
        return json.indexOf("\\u") < 0 ? text(json) : new JsonUnits(json).mended();
    }

    /**
     * Why JSON text that no parser accepts cannot be stored, if the reason is an unpaired surrogate in a name.
     *
     * @return the end of a sentence that begins with the subject
     */
    public static Optional<String> faultOfNames(String json) {
        var mended = json(json);
        if (mended.equals(json)) {
            return Optional.empty();
        }
        try {
            return mendedName(Json.parse(mended)).map(name -> "has the name " + name + ", which " + HALF);
        } catch (JacksonException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> mendedName(JsonNode node) {
        for (var entry : node.properties()) {
            if (entry.getKey().indexOf(REPLACEMENT) >= 0) {
                return Optional.of(entry.getKey());
            }
            var inner = mendedName(entry.getValue()).map(name -> entry.getKey() + "." + name);
            if (inner.isPresent()) {
                return inner;
            }
        }
        return node.isArray()
                ? node.valueStream().flatMap(item -> mendedName(item).stream()).findFirst()
                : Optional.empty();
    }

    /** Cuts a text to a number of characters without splitting a surrogate pair. */
    public static String start(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        boolean splits = most > 0 && isPair(text, most - 1);
        return text.substring(0, splits ? most - 1 : most);
    }

    /** Why a number cannot be stored, as the end of a sentence that begins with its name. */
    public static Optional<String> fault(BigDecimal number) {
        return holds(number) ? Optional.empty() : Optional.of(NUMBER);
    }

    private static boolean holds(BigDecimal number) {
        return number.scale() <= MOST_DECIMALS && (long) number.precision() - number.scale() <= MOST_DIGITS;
    }

    /** Receives everything in a JSON value that cannot be stored. */
    @FunctionalInterface
    public interface Faults {
        /** @param path of the value or key, safe to be shown */
        void found(List<String> path, String why);
    }

    /**
     * Finds texts, keys and numbers that cannot be stored.
     *
     * @param passed whether a field of the outermost object is skipped
     */
    static void check(ObjectNode object, Predicate<String> passed, Faults faults) {
        var path = new ArrayDeque<String>();
        for (var entry : object.properties()) {
            if (!passed.test(entry.getKey())) {
                field(entry.getKey(), entry.getValue(), path, faults);
            }
        }
    }

    private static void field(String key, JsonNode value, Deque<String> path, Faults faults) {
        path.addLast(text(key));
        fault(key).ifPresent(why -> faults.found(List.copyOf(path), "This key " + why));
        walk(value, path, faults);
        path.removeLast();
    }

    private static void walk(JsonNode node, Deque<String> path, Faults faults) {
        switch (node) {
            case ObjectNode object ->
                object.properties().forEach(entry -> field(entry.getKey(), entry.getValue(), path, faults));
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    path.addLast(String.valueOf(i));
                    walk(array.get(i), path, faults);
                    path.removeLast();
                }
            }
            default -> {
                if (node.isString()) {
                    fault(node.stringValue()).ifPresent(why -> faults.found(List.copyOf(path), "This text " + why));
                } else if (node.isBigDecimal() && !holds(node.decimalValue())) {
                    faults.found(List.copyOf(path), "This number " + NUMBER);
                }
            }
        }
    }

    /** The UTF-16 units of a JSON text; each is a character or an escape of four digits. */
    private static final class JsonUnits {
        private final String json;
        private final StringBuilder mended = new StringBuilder();

        JsonUnits(String json) {
            this.json = json;
        }

        String mended() {
            int at = 0;
            while (at < json.length()) {
                int end = end(at);
                char unit = unit(at, end);
                if (Character.isHighSurrogate(unit) && end < json.length()) {
                    int pairEnd = end(end);
                    char low = unit(end, pairEnd);
                    if (Character.isLowSurrogate(low)) {
                        // Parsers do not combine an escaped surrogate with an unescaped one.
                        mended.append(unit).append(low);
                        at = pairEnd;
                        continue;
                    }
                }
                if (unit == 0 || Character.isSurrogate(unit)) {
                    mended.append(REPLACEMENT);
                } else {
                    mended.append(json, at, end);
                }
                at = end;
            }
            return mended.toString();
        }

        /** The start of the next unit; an escaped backslash counts as one unit. */
        private int end(int at) {
            if (json.charAt(at) != '\\') {
                return at + 1;
            }
            boolean escape = at + 1 < json.length() && json.charAt(at + 1) == 'u';
            return Math.min(json.length(), at + (escape ? ESCAPE : 2));
        }

        private char unit(int at, int end) {
            if (end - at != ESCAPE) {
                return json.charAt(at);
            }
            try {
                return (char) Integer.parseInt(json, at + 2, end, 16);
            } catch (NumberFormatException _) {
                return '\\'; // what is not JSON stays unchanged
            }
        }
    }
}
