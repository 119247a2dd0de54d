package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at the very bytes that a shelf holds. */
final class PayloadChecks {
    private static final String METADATA = ",\"_nango_metadata\":{";

    private final Shelf shelf;

    PayloadChecks(Shelf shelf) {
        this.shelf = shelf;
    }

    void refused(String text, String... reasons) {
        refused(text.getBytes(UTF_8), reasons);
    }

    /** By every verb, with the record's place and these reasons; nothing of the batch is stored. */
    void refused(byte[] text, String... reasons) {
        var before = read();
        var batch = List.of("{\"id\":\"good\"}".getBytes(UTF_8), text, "{\"id\":\"good too\"}".getBytes(UTF_8));
        for (var verb : List.<Verb>of(shelf.records::save, shelf.records::update, shelf.records::delete)) {
            assertThatThrownBy(() -> verb.on(shelf.items, Writer.of(1), batch))
                    .as(() -> new String(text, 0, Math.min(text.length, 80), UTF_8))
                    .isInstanceOf(RecordsRefused.class)
                    .hasMessageContaining("at index 1 ")
                    .hasMessageContainingAll(reasons);
        }
        assertThat(read()).isEqualTo(before);
    }

    private interface Verb {
        Saved on(Dataset dataset, Writer writer, List<byte[]> records);
    }

    /** The texts as they are read, one by one so that none has to be parsed, without what the platform adds. */
    List<String> read() {
        var texts = new ArrayList<String>();
        var position = Optional.<Position>empty();
        while (true) {
            var page = shelf.records.list(shelf.items, RecordQuery.after(position, 1));
            if (page.count() == 0) {
                return texts;
            }
            var text = new String(page.records(), UTF_8);
            texts.add(withoutMetadata(text));
            var cursor = text.lastIndexOf("\"cursor\":\"") + "\"cursor\":\"".length();
            position = Position.parse(text.substring(cursor, text.indexOf('"', cursor)));
        }
    }

    static String withoutMetadata(String arrayOfOne) {
        return arrayOfOne.substring(1, arrayOfOne.lastIndexOf(METADATA)) + "}";
    }
}
