package dev.millrace.server.delivery;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes JSON as JavaScript's {@code JSON.stringify} does, the members of every object sorted by their names. The official
 * client's older check of signatures parses a body and prints it again: it must get the text that was signed.
 */
final class BodyText {
    // From here on JavaScript writes numbers with an exponent, and below the other.
    private static final int MOST_PLACES = 21;
    private static final int MOST_ZEROS = 6;
    private static final double EXACT = 1e15;

    private final StringBuilder out = new StringBuilder(256);

    private BodyText() {}

    static String of(JsonNode node) {
        var text = new BodyText();
        text.value(node);
        return text.out.toString();
    }

    private void value(JsonNode node) {
        switch (node) {
            case ObjectNode object -> object(object);
            case ArrayNode array -> array(array);
            default -> {
                if (node.isString()) {
                    text(node.stringValue());
                } else if (node.isNumber()) {
                    out.append(number(Double.parseDouble(node.asString(""))));
                } else {
                    out.append(node.isBoolean() ? String.valueOf(node.booleanValue()) : "null");
                }
            }
        }
    }

    private void object(ObjectNode object) {
        List<String> names = new ArrayList<>(object.propertyNames());
        names.sort(null);
        out.append('{');
        for (int i = 0; i < names.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            text(names.get(i));
            out.append(':');
            value(object.get(names.get(i)));
        }
        out.append('}');
    }

    private void array(ArrayNode array) {
        out.append('[');
        for (int i = 0; i < array.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            value(array.get(i));
        }
        out.append(']');
    }

    private void text(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || isHalf(text, i)) {
                        out.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    /** A surrogate without the other one. */
    private static boolean isHalf(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }

    /** As JavaScript's {@code Number.prototype.toString} does; what is beyond its numbers becomes null. */
    static String number(double value) {
        if (Double.isInfinite(value) || Double.isNaN(value)) {
            return "null";
        }
        if (value == Math.rint(value) && Math.abs(value) < EXACT) {
            return String.valueOf((long) value);
        }
        var sign = value < 0 ? "-" : "";
        return sign + positive(Math.abs(value));
    }

    private static String positive(double value) {
        // Digits d1d2… and a point p, for 0.d1d2… × 10^p.
        var parts = Double.toString(value).split("E", 2);
        int exponent = parts.length == 2 ? Integer.parseInt(parts[1]) : 0;
        int dot = parts[0].indexOf('.');
        var all = parts[0].substring(0, dot) + parts[0].substring(dot + 1);
        int zeros = 0;
        while (all.charAt(zeros) == '0') {
            zeros++;
        }
        int point = dot - zeros + exponent;
        var digits = all.substring(zeros).replaceAll("0+$", "");
        return digits.length() == 2 ? shortest(value, digits, point) : placed(digits, point);
    }

    /** Java writes two digits also where one would do. */
    private static String shortest(double value, String digits, int point) {
        int rounded = Math.round(Integer.parseInt(digits) / 10f);
        if (Double.parseDouble(rounded + "e" + (point - 1)) == value) {
            return rounded == 10 ? placed("1", point + 1) : placed(String.valueOf(rounded), point);
        }
        return placed(digits, point);
    }

    private static String placed(String digits, int point) {
        int count = digits.length();
        if (count <= point && point <= MOST_PLACES) {
            return digits + "0".repeat(point - count);
        }
        if (0 < point && point <= MOST_PLACES) {
            return digits.substring(0, point) + '.' + digits.substring(point);
        }
        if (-MOST_ZEROS < point && point <= 0) {
            return "0." + "0".repeat(-point) + digits;
        }
        int power = point - 1;
        var mantissa = count == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        return mantissa + 'e' + (power < 0 ? '-' : '+') + Math.abs(power);
    }
}
