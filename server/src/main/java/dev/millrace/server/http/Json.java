package dev.millrace.server.http;

import java.io.IOException;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON mapper of the server. Numbers keep their digits, the last value of a repeated key is used, trailing text is
 * refused. Thread-safe.
 */
public final class Json {
    private static final int LARGEST_TEXT = 100_000_000;

    /** For code that needs the mapper itself, such as streaming parsers. */
    public static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(LARGEST_TEXT)
                            .maxNestingDepth(1_000)
                            .maxNumberLength(10_000)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Json() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /** Parses text that this server has written itself; an error in it is a bug. */
    public static JsonNode parse(String text) {
        return JsonTree.read(MAPPER.createParser(text));
    }

    /** Parses bytes that this server or its workers have written. */
    public static JsonNode parse(byte[] text) {
        return JsonTree.read(MAPPER.createParser(text));
    }

    /**
     * Parses text that a function produced. JavaScript allows unpaired surrogates in names, the parser does not: they
     * become U+FFFD.
     */
    public static JsonNode parseSaid(byte[] text) {
        try {
            return parse(text);
        } catch (JacksonException e) {
            var said = new String(text, StandardCharsets.UTF_8);
            var mended = Storable.json(said);
            if (mended.equals(said)) {
                throw e;
            }
            return parse(mended);
        }
    }

    /** Parses text of an object that this server has written itself; missing text is an empty object. */
    public static ObjectNode parseObject(@Nullable String text) {
        return text == null ? object() : (ObjectNode) parse(text);
    }

    /** Parses a request's body: an object or an array at the top; an empty body counts as {@code {}}. */
    static JsonNode parseBody(byte[] body) {
        if (body.length == 0) {
            return object();
        }
        return checkedBody(() -> MAPPER.createParser(body));
    }

    /** The same without holding all bytes at once. */
    static JsonNode parseBody(Body body) {
        var first = new PushbackInputStream(body, 1);
        try {
            int next = first.read();
            if (next < 0) {
                return object();
            }
            first.unread(next);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return checkedBody(() -> MAPPER.createParser(first));
    }

    private static JsonNode checkedBody(Supplier<JsonParser> text) {
        var parser = text.get();
        JsonNode node;
        try {
            node = JsonTree.read(parser);
        } catch (JacksonException e) {
            throw JsonFault.of(parser.streamReadContext(), e);
        }
        if (!node.isObject() && !node.isArray()) {
            throw Failure.plain(400, "invalid_json", "The body must be a JSON object or array.");
        }
        return node;
    }

    public static byte[] bytes(JsonNode node) {
        return MAPPER.writeValueAsBytes(node);
    }

    /** Through bytes, because there an unpaired surrogate is written as an escape instead of a question mark. */
    public static String text(JsonNode node) {
        return new String(bytes(node), StandardCharsets.UTF_8);
    }

    /** A JSON string literal, including quotes. */
    public static String quote(String text) {
        return MAPPER.writeValueAsString(text);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
