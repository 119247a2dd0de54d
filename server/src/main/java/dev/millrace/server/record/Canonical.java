package dev.millrace.server.record;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The hash of a JSON object that does not depend on the order of keys: every value is written with its type and length,
 * the members of every object are sorted, the whole is hashed. Reusable; not thread-safe.
 */
final class Canonical {
    /** Looks at the members of the outermost object. */
    interface Top {
        /** The parser stands on the name. True: the member is dealt with, the parser at its end, and does not count. */
        boolean takes(String name, JsonParser parser);

        /** The parser stands on the value. */
        void sees(String name, JsonParser parser);
    }

    private final MessageDigest digest = sha256();
    private final Bytes out = new Bytes(4096);
    private final Bytes scratch = new Bytes(4096);

    /**
     * The hash of the object on whose start the parser stands.
     *
     * @param ignored what is left out; null: nothing
     */
    byte[] hash(JsonParser parser, Top top, ChangePaths.@Nullable Node ignored) {
        out.truncate(0);
        object(parser, top, ignored);
        digest.update(out.array(), 0, out.length());
        return Arrays.copyOf(digest.digest(), Hashes.LENGTH);
    }

    private void object(JsonParser parser, @Nullable Top top, ChangePaths.@Nullable Node ignored) {
        out.put('{');
        var members = new Members();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = parser.currentName();
            if (top == null || !top.takes(name, parser)) {
                member(parser, name, members, top, ignored == null ? null : ignored.member(name));
            }
        }
        members.sort();
        out.put('}');
    }

    private void member(
            JsonParser parser, String name, Members members, @Nullable Top top, ChangePaths.@Nullable Node ignored) {
        int start = out.length();
        text(name);
        parser.nextToken();
        if (top != null) {
            top.sees(name, parser);
        }
        if (value(parser, ignored)) {
            members.add(start, out.length());
        } else {
            out.truncate(start);
        }
    }

    /** False when it does not count. */
    private boolean value(JsonParser parser, ChangePaths.@Nullable Node ignored) {
        if (ignored != null && ignored.ignored()) {
            parser.skipChildren();
            return false;
        }
        switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, null, ignored);
            case START_ARRAY -> array(parser, ignored == null ? null : ignored.items());
            case VALUE_STRING -> text(parser.getStringCharacters(), parser.getStringOffset(), parser.getStringLength());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
            case VALUE_TRUE -> out.put('t');
            case VALUE_FALSE -> out.put('f');
            case VALUE_NULL -> out.put('n');
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException("no JSON value begins with " + parser.currentToken());
        }
        return true;
    }

    private void array(JsonParser parser, ChangePaths.@Nullable Node ignored) {
        out.put('[');
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            value(parser, ignored);
        }
        out.put(']');
    }

    private void number(JsonParser parser) {
        out.put('#').putInt(parser.getStringLength());
        characters(parser.getStringCharacters(), parser.getStringOffset(), parser.getStringLength());
    }

    private void text(String text) {
        text(text.toCharArray(), 0, text.length());
    }

    private void text(char[] from, int offset, int count) {
        out.put('"').putInt(count);
        characters(from, offset, count);
    }

    /** Like UTF-8, but each surrogate by itself: half a pair is a legal JSON string and must not collide with another. */
    private void characters(char[] from, int offset, int count) {
        for (int i = offset; i < offset + count; i++) {
            char c = from[i];
            if (c < 0x80) {
                out.put(c);
            } else if (c < 0x800) {
                out.put(0xc0 | (c >> 6)).put(0x80 | (c & 0x3f));
            } else {
                out.put(0xe0 | (c >> 12)).put(0x80 | ((c >> 6) & 0x3f)).put(0x80 | (c & 0x3f));
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Where the members of one object stand in the output: one after another. */
    private final class Members {
        private int[] bounds = new int[17];
        private int count;
        private boolean sorted = true;

        void add(int start, int end) {
            if (count + 1 == bounds.length) {
                bounds = Arrays.copyOf(bounds, 2 * bounds.length);
            }
            bounds[count] = start;
            bounds[count + 1] = end;
            count++;
            sorted = sorted && (count == 1 || compare(count - 2, count - 1) <= 0);
        }

        private int compare(int one, int other) {
            var all = out.array();
            return Arrays.compareUnsigned(all, bounds[one], bounds[one + 1], all, bounds[other], bounds[other + 1]);
        }

        void sort() {
            if (sorted) {
                return;
            }
            var order = new Integer[count];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, this::compare);
            scratch.truncate(0);
            for (int member : order) {
                scratch.put(out.array(), bounds[member], bounds[member + 1]);
            }
            out.truncate(bounds[0]);
            out.put(scratch.array(), 0, scratch.length());
        }
    }
}
