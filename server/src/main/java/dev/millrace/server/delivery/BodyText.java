package dev.millrace.server.delivery;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Serializes JSON exactly as JavaScript's {@code JSON.stringify} does, with the members of every object sorted by name.
 * The older signature check of the official client parses the body and serializes it again. The result must equal the
 * signed text.
 */
final class BodyText {
    /** JavaScript writes numbers with more integer digits with an exponent. */
    private static final int MAX_INTEGER_DIGITS = 21;
    /** JavaScript writes numbers with as many zeros after the decimal point, or more, with an exponent. */
    private static final int MIN_ZEROS_FOR_EXPONENT = 6;
    /** Integers below this limit are formatted as {@code long}. */
    private static final double LONG_FORMAT_LIMIT = 1e15;

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
                    if (c < ' ' || isLoneSurrogate(text, i)) {
                        out.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean isLoneSurrogate(String text, int index) {
        char c = text.charAt(index);
        if (Character.isHighSurrogate(c)) {
            return index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1));
        }
        return Character.isLowSurrogate(c) && (index == 0 || !Character.isHighSurrogate(text.charAt(index - 1)));
    }

    /**
     * Formats a number as JavaScript's {@code Number.prototype.toString} does. Infinity and NaN become {@code null}.
     */
    static String number(double value) {
        if (Double.isInfinite(value) || Double.isNaN(value)) {
            return "null";
        }
        if (value == Math.rint(value) && Math.abs(value) < LONG_FORMAT_LIMIT) {
            return String.valueOf((long) value);
        }
        var sign = value < 0 ? "-" : "";
        return sign + formatPositive(Math.abs(value));
    }

    private static String formatPositive(double value) {
        // The value is 0.d1d2… × 10^point, where d1d2… are the digits.
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
        return digits.length() == 2 ? formatTwoDigits(value, digits, point) : format(digits, point);
    }

    /** Java writes two digits even if one digit identifies the number; this returns the shorter form. */
    private static String formatTwoDigits(double value, String digits, int point) {
        int rounded = Math.round(Integer.parseInt(digits) / 10f);
        if (Double.parseDouble(rounded + "e" + (point - 1)) == value) {
            return rounded == 10 ? format("1", point + 1) : format(String.valueOf(rounded), point);
        }
        return format(digits, point);
    }

    private static String format(String digits, int point) {
        int count = digits.length();
        if (count <= point && point <= MAX_INTEGER_DIGITS) {
            return digits + "0".repeat(point - count);
        }
        if (0 < point && point <= MAX_INTEGER_DIGITS) {
            return digits.substring(0, point) + '.' + digits.substring(point);
        }
        if (-MIN_ZEROS_FOR_EXPONENT < point && point <= 0) {
            return "0." + "0".repeat(-point) + digits;
        }
        int power = point - 1;
        var mantissa = count == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        return mantissa + 'e' + (power < 0 ? '-' : '+') + Math.abs(power);
    }
}
