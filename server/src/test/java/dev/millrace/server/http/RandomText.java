package dev.millrace.server.http;

import java.util.Locale;
import java.util.random.RandomGenerator;

/** Makes texts of UTF-16 units as JavaScript has them: with NUL, halves of surrogate pairs, noncharacters. */
public final class RandomText {
    private static final int LONGEST = 12;
    private static final String QUOTED = "\"\\";
    private static final char[] UNITS = {
        0, 1, '\t', '\n', 0x1F, ' ', '"', '\\', 'u', '0', 'a', 0x7F, 0xE9, 0x3A9, 0x2028, 0xFEFF, 0xFDD0, 0xFFFD,
        0xFFFE, 0xFFFF, 0xD800, 0xD83D, 0xDBFF, 0xDC00, 0xDE00, 0xDFFF
    };

    private final RandomGenerator random;

    public RandomText(RandomGenerator random) {
        this.random = random;
    }

    /** A text of at least one unit. */
    public String next() {
        var text = new StringBuilder();
        for (int length = 1 + random.nextInt(LONGEST); text.length() < length; ) {
            if (random.nextInt(4) == 0) {
                text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
            } else {
                text.append(UNITS[random.nextInt(UNITS.length)]);
            }
        }
        return text.toString();
    }

    /** The same as a JSON text, some of it escaped although it need not be. */
    public String quoted(String text) {
        var json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit < ' ' || random.nextInt(3) == 0) {
                json.append(escaped(unit));
            } else if (QUOTED.indexOf(unit) >= 0) {
                json.append('\\').append(unit);
            } else {
                json.append(unit);
            }
        }
        return json.append('"').toString();
    }

    /** A JSON text of ASCII alone, so that it survives as bytes. */
    public static String ascii(String text) {
        var json = new StringBuilder("\"");
        text.chars().forEach(unit -> json.append(escaped((char) unit)));
        return json.append('"').toString();
    }

    private static String escaped(char unit) {
        return String.format(Locale.ROOT, "\\u%04x", (int) unit);
    }
}
