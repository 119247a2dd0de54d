package dev.millrace.server.record;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A replacement of a range of bytes. */
record Edit(int start, int end, String text) {
    /** @param edits in the order of their positions, without overlaps */
    static byte[] apply(byte[] original, List<Edit> edits) {
        var out = new Bytes(original.length + 64);
        int copied = 0;
        for (var edit : edits) {
            out.put(original, copied, edit.start).put(edit.text.getBytes(StandardCharsets.UTF_8));
            copied = edit.end;
        }
        return out.put(original, copied, original.length).toArray();
    }
}
