package dev.millrace.server.provider;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads the values of {@link PlainYaml} that carry their own ends: quoted texts, flow lists and flow maps. */
abstract sealed class InlineYaml permits PlainYaml {
    static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    /** With these begins nothing that is plain. */
    static final String INDICATORS = "?&*!|>%@`,]}#";

    final String text;
    /** What is read next. */
    int at;

    InlineYaml(String text) {
        this.text = text;
    }

    char peek(int index) {
        return index < text.length() ? text.charAt(index) : '\n';
    }

    static boolean blank(char c) {
        return c == ' ' || c == '\n';
    }

    final JsonNode quotedOrFlow() {
        return switch (peek(at)) {
            case '"' -> NODES.stringNode(doubleQuoted());
            case '\'' -> NODES.stringNode(singleQuoted());
            case '[' -> flowList();
            case '{' -> flowMap();
            default -> PlainScalar.of(flowPlain());
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
        return inner.indexOf('\\') < 0 ? inner : PlainScalar.unescaped(inner);
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
