package dev.millrace.server.record;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The hash of a JSON object, independent of the order of keys. Every value is written with its type and length, the
 * members of every object are sorted, and the result is hashed. Reusable; not thread-safe.
 */
final class Canonical {
    /** Inspects the members of the outermost object. */
    interface Top {
        /** Called with the parser on the name. Returns true if the member was consumed and is not part of the hash. */
        boolean takes(String name, JsonParser parser);

        /** Called with the parser on the value. */
        void sees(String name, JsonParser parser);
    }

    private static final int MOST_NAMES = 1_000;
    private static final int FEW = 64;

    private final MessageDigest digest = Hashes.sha256();
    private final Bytes out = new Bytes(4096);
    private final Bytes scratch = new Bytes(4096);
    private final Map<String, byte[]> names = new HashMap<>();
    /**
     * The order of members in the last object with this number of members, because records of one model list their
     * members in the same order.
     */
    private final int[][] lastOrders = new int[FEW + 1][];

    /**
     * The hash of the object at whose start the parser is.
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
        name(name);
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

    /** False when the member is not part of the hash. */
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

    /** Records of one model repeat the same few names. */
    private void name(String name) {
        var known = names.get(name);
        if (known == null) {
            int start = out.length();
            text(name.toCharArray(), 0, name.length());
            if (names.size() < MOST_NAMES) {
                names.put(name, Arrays.copyOfRange(out.array(), start, out.length()));
            }
        } else {
            out.put(known);
        }
    }

    private void text(char[] from, int offset, int count) {
        out.put('"').putInt(count);
        characters(from, offset, count);
    }

    /**
     * Like UTF-8, but each surrogate is encoded by itself. An unpaired surrogate is legal in JSON and must not collide
     * with another one.
     */
    private void characters(char[] from, int offset, int count) {
        var to = out.open(Math.multiplyExact(3, count));
        int at = out.length();
        for (int i = offset; i < offset + count; i++) {
            char c = from[i];
            if (c < 0x80) {
                to[at++] = (byte) c;
            } else if (c < 0x800) {
                to[at++] = (byte) (0xc0 | (c >> 6));
                to[at++] = (byte) (0x80 | (c & 0x3f));
            } else {
                to[at++] = (byte) (0xe0 | (c >> 12));
                to[at++] = (byte) (0x80 | ((c >> 6) & 0x3f));
                to[at++] = (byte) (0x80 | (c & 0x3f));
            }
        }
        out.filledTo(at);
    }

    /** The positions of one object's members in the output. */
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

        private int[] order() {
            if (count > FEW) {
                return IntStream.range(0, count)
                        .boxed()
                        .sorted(this::compare)
                        .mapToInt(Integer::intValue)
                        .toArray();
            }
            var last = lastOrders[count];
            if (last != null && isOrder(last)) {
                return last;
            }
            var order = newOrder();
            lastOrders[count] = order;
            return order;
        }

        private boolean isOrder(int[] order) {
            for (int i = 1; i < count; i++) {
                if (compare(order[i - 1], order[i]) > 0) {
                    return false;
                }
            }
            return true;
        }

        private int[] newOrder() {
            var order = new int[count];
            for (int i = 0; i < count; i++) {
                int at = i;
                while (at > 0 && compare(order[at - 1], i) > 0) {
                    order[at] = order[at - 1];
                    at--;
                }
                order[at] = i;
            }
            return order;
        }

        void sort() {
            if (sorted) {
                return;
            }
            var order = order();
            scratch.truncate(0);
            for (int member : order) {
                scratch.put(out.array(), bounds[member], bounds[member + 1]);
            }
            out.truncate(bounds[0]);
            out.put(scratch.array(), 0, scratch.length());
        }
    }
}
