package dev.millrace.server.metadata;

import dev.millrace.server.http.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.random.RandomGenerator;

/** Makes JSON texts of all kinds of values, written as compactly as the server writes. */
public final class RandomJson {
    private static final int DEPTH = 4;
    private static final int[] CHARACTERS = {
        'a', 'Z', '0', '"', '\\', '/', '~', '\n', 0x1F, 0x7F, 'é', 'ß', 0x3A9, 0x4E2D, 0x1F600, 0x10FFFF, 0xFFFD, ' ',
        '.'
    };

    private final RandomGenerator random;

    public RandomJson(RandomGenerator random) {
        this.random = random;
    }

    public String object() {
        return object(DEPTH);
    }

    private String object(int depth) {
        var keys = new LinkedHashSet<String>();
        for (int i = random.nextInt(6); i > 0; i--) {
            keys.add(text());
        }
        var members = new ArrayList<String>();
        keys.forEach(key -> members.add(key + ':' + value(depth - 1)));
        return '{' + String.join(",", members) + '}';
    }

    private String array(int depth) {
        var items = new ArrayList<String>();
        for (int i = random.nextInt(4); i > 0; i--) {
            items.add(value(depth - 1));
        }
        return '[' + String.join(",", items) + ']';
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 6)) {
            case 0 -> "null";
            case 1 -> String.valueOf(random.nextBoolean());
            case 2 -> text();
            case 3 -> String.valueOf(random.nextLong());
            case 4 -> digits(1 + random.nextInt(40));
            case 5 ->
                digits(1 + random.nextInt(5)) + '.' + random.nextInt(10) + random.nextInt(1000) + "0"
                        + (random.nextBoolean() ? "" : "e-" + random.nextInt(300));
            case 6 -> object(depth);
            default -> array(depth);
        };
    }

    private String digits(int count) {
        var digits = new StringBuilder(random.nextBoolean() ? "-" : "").append(1 + random.nextInt(9));
        for (int i = 1; i < count; i++) {
            digits.append(random.nextInt(10));
        }
        return digits.toString();
    }

    private String text() {
        var text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.appendCodePoint(CHARACTERS[random.nextInt(CHARACTERS.length)]);
        }
        return Json.quote(text.toString());
    }
}
