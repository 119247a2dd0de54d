package dev.millrace.server.record;

import dev.millrace.server.http.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Merges JSON objects deeply, as text. Unchanged parts keep their exact digits and escapes. */
final class Merge {
    private Merge() {}

    /** Objects are merged member by member; any other value in {@code over} replaces that in {@code base}. */
    static byte[] merge(byte[] base, byte[] over) {
        var out = new Bytes(base.length + over.length);
        write(out, parse(base), parse(over));
        return out.toArray();
    }

    /**
     * A value within a text.
     *
     * @param name the position of its member's name
     * @param members null unless it is an object
     */
    private record Node(
            byte[] text,
            int name,
            int start,
            int end,
            @Nullable Map<String, Node> members) {}

    private static Node parse(byte[] text) {
        try (var parser = Json.MAPPER.createParser(text)) {
            parser.nextToken();
            return node(text, 0, parser);
        }
    }

    private static Node node(byte[] text, int name, JsonParser parser) {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        Map<String, Node> members = null;
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            members = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                int at = (int) parser.currentTokenLocation().getByteOffset();
                var key = parser.currentName();
                parser.nextToken();
                members.put(key, node(text, at, parser));
            }
        } else {
            parser.skipChildren();
        }
        parser.finishToken();
        return new Node(text, name, start, (int) parser.currentLocation().getByteOffset(), members);
    }

    private static void write(Bytes out, Node base, Node over) {
        if (base.members == null || over.members == null) {
            out.put(over.text, over.start, over.end);
            return;
        }
        out.put('{');
        boolean first = true;
        for (var member : base.members.entrySet()) {
            first = separate(out, first);
            var value = member.getValue();
            var other = over.members.get(member.getKey());
            out.put(value.text, value.name, value.start);
            if (other == null) {
                out.put(value.text, value.start, value.end);
            } else {
                write(out, value, other);
            }
        }
        for (var member : over.members.entrySet()) {
            if (!base.members.containsKey(member.getKey())) {
                first = separate(out, first);
                var value = member.getValue();
                out.put(value.text, value.name, value.end);
            }
        }
        out.put('}');
    }

    private static boolean separate(Bytes out, boolean first) {
        if (!first) {
            out.put(',');
        }
        return false;
    }
}
