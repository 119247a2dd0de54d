package dev.millrace.server.record.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.record.Bytes;
import dev.millrace.server.record.Page;

/** Writes server-sent events. */
final class EventText {
    static final byte[] OPENING = ": open\n\n".getBytes(UTF_8);
    static final byte[] HEARTBEAT = ": heartbeat\n\n".getBytes(UTF_8);

    private EventText() {}

    /** One event for each record of a page; the event's id is the record's cursor. */
    static byte[] of(Page page) {
        var json = page.buffer();
        var out = new Bytes(page.length() + page.count() * 128);
        for (var item : page.items()) {
            out.latin("id: ").put(item.cursor()).put('\n');
            data(out, json, item.start(), item.end());
            out.put('\n');
        }
        return out.toArray();
    }

    /** The event that says why a stream ends. */
    static byte[] error(byte[] body) {
        var out = new Bytes(body.length + 64).latin("event: error\n");
        data(out, body, 0, body.length);
        return out.put('\n').toArray();
    }

    /** Stored text may contain line breaks between tokens; receivers join the lines again. */
    private static void data(Bytes out, byte[] text, int start, int end) {
        out.latin("data: ");
        int from = start;
        for (int i = start; i < end; i++) {
            if (text[i] == '\n' || text[i] == '\r') {
                out.put(text, from, i).latin("\ndata: ");
                if (text[i] == '\r' && i + 1 < end && text[i + 1] == '\n') {
                    i++;
                }
                from = i + 1;
            }
        }
        out.put(text, from, end).put('\n');
    }
}
