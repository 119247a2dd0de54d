package dev.millrace.server.function.js;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Storable;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.node.ObjectNode;

/** Parses the heads of frames from workers. */
final class Head {
    private static final String NO_OBJECT = "a head that is not a JSON object";
    private static final byte[] EMPTY = {'{', '}'};

    /** More levels than a worker's stack allows it to build. */
    private static final int DEEPEST = 100_000;

    /** Accepts any JSON. */
    private static final JsonFactory LENIENT = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private Head() {}

    /**
     * A JSON object that is nested too deeply or contains values that are too long: an error of one function, not of
     * its worker.
     */
    static final class TooComplex extends Exception {
        private static final long serialVersionUID = 1L;

        TooComplex(JacksonException cause) {
            super(cause.getOriginalMessage(), cause, false, false);
        }
    }

    static ObjectNode read(byte[] head) throws MalformedFrame, TooComplex {
        if (Arrays.equals(head, EMPTY)) {
            return Json.object();
        }
        try {
            if (Json.parseSaid(head) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            if (isObject(head)) {
                throw new TooComplex(e);
            }
        }
        throw new MalformedFrame(NO_OBJECT);
    }

    /** For heads without content. */
    static void check(byte[] head) throws MalformedFrame {
        if (!Arrays.equals(head, EMPTY) && !isObject(head)) {
            throw new MalformedFrame(NO_OBJECT);
        }
    }

    /** Whether the text is a JSON object. Unpaired surrogates are accepted wherever JavaScript allows them. */
    private static boolean isObject(byte[] text) {
        return isPlainObject(text)
                || isPlainObject(Storable.json(new String(text, UTF_8)).getBytes(UTF_8));
    }

    /** Checks the syntax without building a tree. */
    private static boolean isPlainObject(byte[] text) {
        try (var parser = LENIENT.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (JacksonException _) {
            return false;
        }
    }
}
