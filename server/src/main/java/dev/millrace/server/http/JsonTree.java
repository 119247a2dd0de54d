package dev.millrace.server.http;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Builds a tree in which every number keeps its exact digits. Of a repeated key the last value is used, at the position
 * of the first, as in JavaScript.
 */
final class JsonTree {
    private static final int SURELY_INT = 9;
    private static final int SURELY_LONG = 18;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonParser parser;

    private JsonTree(JsonParser parser) {
        this.parser = parser;
    }

    /** Reads the only value of the parser's text and closes the parser. */
    static JsonNode read(JsonParser source) {
        try (source) {
            var first = source.nextToken();
            if (first == null) {
                return NODES.missingNode();
            }
            var tree = new JsonTree(source).value(first);
            if (source.nextToken() != null) {
                throw new StreamReadException(source, "there is text after the end of the value");
            }
            return tree;
        }
    }

    private JsonNode value(JsonToken token) throws JacksonException {
        return switch (token) {
            case START_OBJECT -> object();
            case START_ARRAY -> array();
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_NUMBER_INT -> integer(parser.getString());
            case VALUE_NUMBER_FLOAT -> decimal(parser.getString());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            default -> throw new StreamReadException(parser, "unexpected " + token);
        };
    }

    private ObjectNode object() {
        var object = NODES.objectNode();
        for (var name = parser.nextName(); name != null; name = parser.nextName()) {
            object.set(name, value(parser.nextToken()));
        }
        return object;
    }

    private ArrayNode array() {
        var array = NODES.arrayNode();
        for (var token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            array.add(value(token));
        }
        return array;
    }

    private JsonNode integer(String text) {
        if (text.equals("-0")) {
            return decimal(text);
        }
        if (text.length() <= SURELY_INT) {
            return NODES.numberNode(parser.getIntValue());
        }
        return text.length() <= SURELY_LONG
                ? NODES.numberNode(parser.getLongValue())
                : NODES.numberNode(parser.getBigIntegerValue());
    }

    private JsonNode decimal(String text) {
        try {
            return new DecimalNode(new Numeral(text));
        } catch (NumberFormatException e) {
            throw new StreamReadException(parser, "the number " + text + " is out of range", e);
        }
    }
}
