package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the small part of YAML that definitions are written in (providers §1), many times faster than the library
 * does. It gives up on everything else, faults included: those are for the library to read or to explain.
 */
final class PlainYaml extends InlineYaml {
    /** Of the line that is read; -1 after the last. */
    private int indent;

    private boolean skippedLines;

    private PlainYaml(String text) {
        super(text);
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

    /** The pieces of a map, one for each line that is not indented. */
    static List<String> cut(String text) {
        var pieces = new ArrayList<String>();
        int start = -1;
        for (int line = 0; line < text.length(); line = next(text, line)) {
            char first = text.charAt(line);
            if (first != ' ' && first != '#' && first != '\n') {
                if (start >= 0) {
                    pieces.add(text.substring(start, line));
                }
                start = line;
            }
        }
        if (start >= 0) {
            pieces.add(text.substring(start));
        }
        return pieces;
    }

    private static int next(String text, int line) {
        int end = text.indexOf('\n', line);
        return end < 0 ? text.length() : end + 1;
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
            return PlainScalar.of(whole);
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
}
