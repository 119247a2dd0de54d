package dev.millrace.server.provider;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Converts regular expressions of definitions from JavaScript, where browsers use them, to Java. An instance converts
 * one expression.
 */
final class EcmaPattern {
    private static final Pattern QUANTIFIER = Pattern.compile("\\{\\d+(,\\d*)?}");
    /** Letters that have a meaning after a backslash; all others stand for themselves. */
    private static final String MEANING = "dDwWsSbBnrtfcxukpP";

    private final String source;
    private final StringBuilder java = new StringBuilder();
    private int at;

    private EcmaPattern(String source) {
        this.source = source;
    }

    /**
     * The expression in Java's syntax.
     *
     * @throws PatternSyntaxException if it is invalid in either language
     */
    static Pattern compile(String source) {
        return Pattern.compile(new EcmaPattern(source).translated());
    }

    private String translated() {
        while (at < source.length()) {
            char c = source.charAt(at);
            switch (c) {
                case '\\' -> escape();
                case '[' -> characters();
                case '{' -> brace();
                // Java's own {@code $} would also match before a final line break.
                case '$' -> take("\\z");
                default -> take(String.valueOf(c));
            }
        }
        return java.toString();
    }

    private void take(String translation) {
        java.append(translation);
        at++;
    }

    private void escape() {
        if (at + 1 == source.length()) {
            take("\\");
            return;
        }
        char c = source.charAt(at + 1);
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == 'v') {
            java.append("\\x0B");
        } else if (letter && MEANING.indexOf(c) < 0) {
            java.append(c);
        } else {
            java.append('\\').append(c);
        }
        at += 2;
        if ((c == 'p' || c == 'P') && source.startsWith("{", at)) {
            take("{");
        }
    }

    /** A brace that does not begin a quantifier is ordinary text. */
    private void brace() {
        var found = QUANTIFIER.matcher(source).region(at, source.length());
        take(found.lookingAt() ? "{" : "\\{");
    }

    /** JavaScript's character classes have neither nested classes nor intersections. */
    private void characters() {
        int start = at;
        boolean none = source.startsWith("^", at + 1);
        at += none ? 2 : 1;
        if (source.startsWith("]", at)) {
            take(none ? "[\\s\\S]" : "(?!)");
            return;
        }
        java.append(source, start, at);
        while (at < source.length()) {
            char c = source.charAt(at);
            switch (c) {
                case '\\' -> escape();
                case '[', '&' -> take("\\" + c);
                case ']' -> {
                    take("]");
                    return;
                }
                default -> take(String.valueOf(c));
            }
        }
    }
}
