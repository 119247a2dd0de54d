package dev.millrace.server.provider;

import dev.millrace.server.http.Json;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the small part of YAML that definitions are written in (providers §1), many times faster than the library
 * does. It gives up on everything else, faults included: those are for the library to read or to explain.
 */
final class PlainYaml {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String INDICATORS = "?&*!|>%@`,]}#";
    /** All that some YAML takes for a number; what looks like one otherwise, 500-503 for example, is a text. */
    private static final Pattern PERHAPS_NUMBER =
            Pattern.compile("[-+]?(0[xXoObB][0-9a-fA-F_]+|[0-9.][0-9_.:]*([eE][-+]?[0-9]*)?|\\.[a-zA-Z]{3})");

    private static final Set<String> WORDS = Set.of("null", "~", "yes", "no", "on", "off", "y", "n", "true", "false");
    private static final int MOST_DIGITS = 9;

    private final String text;
    private int at;
    /** Of the line that is read; -1 after the last. */
    private int indent;

    private boolean skippedLines;

    private PlainYaml(String text) {
        this.text = text;
    }

    /** Something that is left to the library. */
    private static final class Beyond extends RuntimeException {
        Beyond() {
            super(null, null, false, false);
        }
    }

    /** The document, if it is an object of the small part. */
    static Optional<ObjectNode> read(String text) {
        var reader = new PlainYaml(text);
        try {
            reader.nextLine();
            if (reader.indent < 0) {
                return Optional.empty();
            }
            var document = reader.peek(reader.at) == '{' ? reader.value(-1, false) : reader.block();
            return document instanceof ObjectNode object && reader.indent < 0 ? Optional.of(object) : Optional.empty();
        } catch (Beyond _) {
            return Optional.empty();
        }
    }

    private char peek(int index) {
        return index < text.length() ? text.charAt(index) : '\n';
    }

    private static boolean blank(char c) {
        return c == ' ' || c == '\n';
    }

    /** From the start or the end of a line to the content of the next one that has some. */
    private void nextLine() {
        skippedLines = false;
        while (at < text.length()) {
            int start = at;
            while (peek(at) == ' ') {
                at++;
            }
            char first = peek(at);
            if (first != '\n' && first != '#') {
                if (first == '\t') {
                    throw new Beyond();
                }
                indent = at - start;
                return;
            }
            skippedLines = true;
            endLine();
        }
        indent = -1;
    }

    private void endLine() {
        at = Math.min(lineEnd() + 1, text.length());
    }

    /** After a value only a comment may stand on its line. */
    private void finishLine() {
        int start = at;
        while (peek(at) == ' ') {
            at++;
        }
        char next = peek(at);
        if (next != '\n' && (next != '#' || at == start)) {
            throw new Beyond();
        }
        endLine();
        nextLine();
    }

    private boolean atItem() {
        return peek(at) == '-' && blank(peek(at + 1));
    }

    private JsonNode block() {
        return atItem() ? list(indent) : map(indent);
    }

    private ObjectNode map(int depth) {
        var map = NODES.objectNode();
        while (indent == depth && !atItem()) {
            int colon = colon();
            if (colon < 0) {
                throw new Beyond();
            }
            var key = key(colon);
            at = colon + 1;
            if (map.replace(key, value(depth, true)) != null) {
                throw new Beyond();
            }
        }
        if (indent > depth) {
            throw new Beyond();
        }
        return map;
    }

    private ArrayNode list(int depth) {
        var list = NODES.arrayNode();
        while (indent == depth && atItem()) {
            at++;
            list.add(item(depth));
        }
        if (indent > depth) {
            throw new Beyond();
        }
        return list;
    }

    private JsonNode item(int depth) {
        int start = at;
        while (peek(at) == ' ') {
            at++;
        }
        if (peek(at) != '\n' && peek(at) != '#' && (atItem() || colon() >= 0)) {
            // The item is a block whose first line goes on behind the dash.
            indent = depth + 1 + at - start;
            return block();
        }
        return value(depth, false);
    }

    /** What follows a key or a dash: on the same line, or as a block below. */
    private JsonNode value(int depth, boolean ofKey) {
        while (peek(at) == ' ') {
            at++;
        }
        char first = peek(at);
        if (first == '\n' || first == '#') {
            endLine();
            nextLine();
            boolean below = indent > depth || (ofKey && indent == depth && atItem());
            return below ? block() : NODES.nullNode();
        }
        if (first == '"' || first == '\'' || first == '[' || first == '{') {
            var value = quotedOrFlow();
            finishLine();
            if (indent > depth) {
                throw new Beyond();
            }
            return value;
        }
        return plain(depth);
    }

    /** A plain text and the deeper lines that continue it. */
    private JsonNode plain(int depth) {
        var whole = plainLine();
        nextLine();
        if (indent <= depth) {
            return scalar(whole);
        }
        var folded = new StringBuilder(whole);
        while (indent > depth) {
            if (skippedLines) {
                throw new Beyond();
            }
            folded.append(' ').append(plainLine());
            nextLine();
        }
        return NODES.stringNode(folded.toString());
    }

    private String plainLine() {
        char first = peek(at);
        if (INDICATORS.indexOf(first) >= 0 || (first == '-' && blank(peek(at + 1)))) {
            throw new Beyond();
        }
        int end = lineEnd();
        int comment = text.indexOf(" #", at, end);
        if (comment >= 0) {
            end = comment;
        }
        if (text.indexOf(": ", at, end) >= 0 || peek(end - 1) == ':' || text.indexOf('\t', at, end) >= 0) {
            throw new Beyond();
        }
        var line = text.substring(at, end).stripTrailing();
        endLine();
        return line;
    }

    private static JsonNode scalar(String plain) {
        if (plain.equals("true") || plain.equals("false")) {
            return NODES.booleanNode(plain.equals("true"));
        }
        if (plain.charAt(0) <= '9' && PERHAPS_NUMBER.matcher(plain).matches()) {
            return NODES.numberNode(integer(plain));
        }
        if (plain.length() <= 5 && WORDS.contains(plain.toLowerCase(Locale.ROOT))) {
            throw new Beyond();
        }
        return NODES.stringNode(plain);
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

    /** Where the colon of the key stands that the line begins with; -1 when it begins with none. */
    private int colon() {
        char first = peek(at);
        if (first == '"' || first == '\'') {
            int close = text.indexOf(first, at + 1);
            return close > 0 && peek(close + 1) == ':' && blank(peek(close + 2)) ? close + 1 : -1;
        }
        if (first == '[' || first == '{' || INDICATORS.indexOf(first) >= 0) {
            return -1;
        }
        int end = lineEnd();
        int colon = text.indexOf(": ", at, end);
        if (colon < 0 && peek(end - 1) == ':') {
            colon = end - 1;
        }
        int comment = colon < 0 ? -1 : text.indexOf(" #", at, colon);
        return comment < 0 ? colon : -1;
    }

    private int lineEnd() {
        int end = text.indexOf('\n', at);
        return end < 0 ? text.length() : end;
    }

    private String key(int colon) {
        char first = peek(at);
        if (first != '"' && first != '\'') {
            return text.substring(at, colon).stripTrailing();
        }
        var key = text.substring(at + 1, colon - 1);
        if (key.indexOf('\n') >= 0 || key.indexOf('\\') >= 0) {
            throw new Beyond();
        }
        return key;
    }

    private JsonNode quotedOrFlow() {
        return switch (peek(at)) {
            case '"' -> NODES.stringNode(doubleQuoted());
            case '\'' -> NODES.stringNode(singleQuoted());
            case '[' -> flowList();
            case '{' -> flowMap();
            default -> scalar(flowPlain());
        };
    }

    private String singleQuoted() {
        int close = text.indexOf('\'', at + 1);
        while (close > 0 && peek(close + 1) == '\'') {
            close = text.indexOf('\'', close + 2);
        }
        return quoted(close).replace("''", "'");
    }

    private String doubleQuoted() {
        int close = at + 1;
        while (close < text.length() && text.charAt(close) != '"') {
            close += text.charAt(close) == '\\' ? 2 : 1;
        }
        var inner = quoted(close < text.length() ? close : -1);
        return inner.indexOf('\\') < 0 ? inner : unescaped(inner);
    }

    private static String unescaped(String inner) {
        try {
            // JSON's escapes mean the same in YAML.
            return Json.MAPPER.readTree('"' + inner + '"').stringValue();
        } catch (JacksonException e) {
            throw new Beyond();
        }
    }

    private String quoted(int close) {
        if (close < 0) {
            throw new Beyond();
        }
        var inner = text.substring(at + 1, close);
        if (inner.indexOf('\n') >= 0) {
            throw new Beyond();
        }
        at = close + 1;
        return inner;
    }

    private ArrayNode flowList() {
        var list = NODES.arrayNode();
        at++;
        for (skipBlanks(); peek(at) != ']'; separator(']')) {
            list.add(quotedOrFlow());
        }
        at++;
        return list;
    }

    private ObjectNode flowMap() {
        var map = NODES.objectNode();
        at++;
        for (skipBlanks(); peek(at) != '}'; separator('}')) {
            boolean quoted = peek(at) == '"' || peek(at) == '\'';
            var key = quoted ? quotedOrFlow().stringValue() : flowPlain();
            if (peek(at) != ':' || !(quoted || blank(peek(at + 1)))) {
                throw new Beyond();
            }
            at++;
            skipBlanks();
            if (map.replace(key, quotedOrFlow()) != null) {
                throw new Beyond();
            }
        }
        at++;
        return map;
    }

    private void separator(char end) {
        skipBlanks();
        if (peek(at) == ',') {
            at++;
            skipBlanks();
        } else if (peek(at) != end) {
            throw new Beyond();
        }
    }

    private void skipBlanks() {
        while (at < text.length() && blank(peek(at))) {
            at++;
        }
        if (at == text.length() || peek(at) == '#') {
            throw new Beyond();
        }
    }

    private String flowPlain() {
        int end = at;
        while (",[]{}\n#\t\"".indexOf(peek(end)) < 0 && !(peek(end) == ':' && blank(peek(end + 1)))) {
            end++;
        }
        var plain = text.substring(at, end).stripTrailing();
        boolean strange = plain.isEmpty()
                || INDICATORS.indexOf(plain.charAt(0)) >= 0
                || plain.equals("-")
                || plain.startsWith("- ")
                || plain.endsWith(":");
        if (strange
                || (peek(end) != ','
                        && peek(end) != ':'
                        && peek(end) != ']'
                        && peek(end) != '}'
                        && peek(end) != '\n')) {
            throw new Beyond();
        }
        at = end;
        return plain;
    }
}
