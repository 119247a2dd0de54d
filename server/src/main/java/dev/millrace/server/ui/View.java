package dev.millrace.server.ui;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How values are written on all pages. */
final class View {
    private static final int TILE_COLOURS = 8;

    private View() {}

    /** With separators: 12,345. */
    static String number(long value) {
        return String.format(Locale.ENGLISH, "%,d", value);
    }

    /** A number and the noun in the form that goes with it. */
    static String count(long value, String one, String many) {
        return number(value) + ' ' + (value == 1 ? one : many);
    }

    /** With its unit: 240 ms, 4.2 s, 1 min 38 s, 2 h 3 min, 3 d 4 h. */
    static String duration(Duration duration) {
        long millis = Math.max(0, duration.toMillis());
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ENGLISH, "%.1f s", Math.floor(millis / 100.0) / 10);
        }
        if (millis < 3_600_000) {
            return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
        }
        return duration.toDays() > 0
                ? duration.toDays() + " d " + duration.toHoursPart() + " h"
                : duration.toHours() + " h " + duration.toMinutesPart() + " min";
    }

    /** Of something that runs: 1:38, 1:02:07. */
    static String elapsed(Duration duration) {
        var positive = duration.isNegative() ? Duration.ZERO : duration;
        return positive.toHours() > 0
                ? String.format(
                        Locale.ENGLISH,
                        "%d:%02d:%02d",
                        positive.toHours(),
                        positive.toMinutesPart(),
                        positive.toSecondsPart())
                : positive.toMinutes() + String.format(Locale.ENGLISH, ":%02d", positive.toSecondsPart());
    }

    /** 830 B, 4.1 KB, 2.0 MB. */
    static String bytes(long bytes) {
        if (bytes < 1_024) {
            return bytes + " B";
        }
        double value = bytes;
        for (var unit : List.of("KB", "MB", "GB")) {
            value /= 1_024;
            if (value < 1_024) {
                return String.format(Locale.ENGLISH, "%.1f %s", value, unit);
            }
        }
        return String.format(Locale.ENGLISH, "%.1f TB", value / 1_024);
    }

    static String percent(long part, long whole) {
        return whole == 0 ? "0 %" : String.format(Locale.ENGLISH, "%.0f %%", 100.0 * part / whole);
    }

    /** The class of a tile's colour, always the same for a name. */
    static String tileColour(String name) {
        return "t" + (Math.floorMod(name.hashCode(), TILE_COLOURS) + 1);
    }

    /** Initials of two words, or the first two letters. */
    static String tileLetters(String name) {
        var words = Arrays.stream(name.split("[^\\p{L}\\p{N}]+"))
                .filter(word -> !word.isEmpty())
                .toList();
        if (words.size() >= 2) {
            return first(words.get(0), 1).toUpperCase(Locale.ROOT)
                    + first(words.get(1), 1).toUpperCase(Locale.ROOT);
        }
        var word = words.isEmpty() ? name : words.getFirst();
        return first(word, 1).toUpperCase(Locale.ROOT)
                + first(word.substring(first(word, 1).length()), 1).toLowerCase(Locale.ROOT);
    }

    private static String first(String text, int most) {
        return text.codePoints().limit(most).mapToObj(Character::toString).collect(Collectors.joining());
    }

    /** A text as one segment of a path, or as a value in a query. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The beginning of a long text. */
    static String shortened(String text, int most) {
        return text.codePointCount(0, text.length()) <= most ? text : first(text, most) + "…";
    }
}
