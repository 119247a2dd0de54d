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
 * What PostgreSQL stores as text and as JSON: all but NUL, halves of surrogate pairs and numbers with an extreme exponent,
 * which JSON and JavaScript allow. What functions and providers say is mended, so that it can always be stored; what
 * requests bring is refused, so that nobody finds something else stored than what was sent.
 */
public final class Storable {
    private static final char REPLACEMENT = '\uFFFD';
    private static final int ESCAPE = 6; // of a backslash, a u and four digits
    private static final String NUL = "holds a NUL character, which cannot be stored";
    private static final String HALF = "holds half of a surrogate pair, which cannot be stored";
    private static final String NUMBER = "has an exponent so large that it cannot be stored";
    // Of PostgreSQL's numeric, in which jsonb keeps numbers.
    private static final int MOST_DIGITS = 131_072;
    private static final int MOST_DECIMALS = 16_383;

    private Storable() {}

    /** Why a text cannot be stored, to be read after its name. */
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

    /** The text with U+FFFD in place of what cannot be stored. */
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

    /** The same for JSON text, in which such characters may stand as escapes. */
    public static String json(String json) {
        return json.indexOf("\\u") < 0 ? text(json) : new JsonUnits(json).mended();
    }

    /**
     * Why JSON text that no parser takes cannot be stored, if that is because of a name with half of a surrogate pair.
     *
     * @return to be read after what was to be stored
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

    /** At most so many characters, and no half of a pair at the end. */
    public static String start(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        boolean splits = most > 0 && isPair(text, most - 1);
        return text.substring(0, splits ? most - 1 : most);
    }

    /** Why a number cannot be stored, to be read after its name. */
    public static Optional<String> fault(BigDecimal number) {
        return holds(number) ? Optional.empty() : Optional.of(NUMBER);
    }

    private static boolean holds(BigDecimal number) {
        return number.scale() <= MOST_DECIMALS && (long) number.precision() - number.scale() <= MOST_DIGITS;
    }

    /** Is told of everything in a JSON value that cannot be stored. */
    @FunctionalInterface
    public interface Faults {
        /** @param path of the value or key, fit to be shown */
        void found(List<String> path, String why);
    }

    /**
     * Finds the texts, keys and numbers that cannot be stored.
     *
     * @param passed whether a field of the outermost object is passed over
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

    /** The UTF-16 units of a JSON text, each of which is a character or an escape of four digits. */
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
                        // No parser takes half of it as an escape and half as it is.
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

        /** Where the next one begins; an escaped backslash is taken as a whole. */
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
                return '\\'; // what is no JSON stays as it is
            }
        }
    }
}
