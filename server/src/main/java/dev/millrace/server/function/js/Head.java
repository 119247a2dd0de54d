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

/** Reads the heads of frames that workers send. */
final class Head {
    private static final String NO_OBJECT = "a head that is not a JSON object";
    private static final byte[] EMPTY = {'{', '}'};

    /** More than the worker can build of a head with the stack it has. */
    private static final int DEEPEST = 100_000;

    /** Accepts whatever is JSON. */
    private static final JsonFactory LENIENT = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private Head() {}

    /** A JSON object that is too deep or holds values that are too long: a fault of one function, not of its worker. */
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

    /** For heads that say nothing. */
    static void check(byte[] head) throws MalformedFrame {
        if (!Arrays.equals(head, EMPTY) && !isObject(head)) {
            throw new MalformedFrame(NO_OBJECT);
        }
    }

    /** Whether the text is a JSON object, with halves of surrogate pairs wherever JavaScript lets them be. */
    private static boolean isObject(byte[] text) {
        return isPlainObject(text)
                || isPlainObject(Storable.json(new String(text, UTF_8)).getBytes(UTF_8));
    }

    /** Looks at no value and builds no tree. */
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
