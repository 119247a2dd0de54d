package dev.millrace.server.record;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A batch of records as received; of records with the same id, the first one. A record is parsed when its contents are
 * needed: most batches of a sync contain records that are stored already, and for those the hash of the text suffices.
 * Not thread-safe.
 */
final class Batch {
    private final PayloadReader reader;
    private final List<byte[]> texts = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();
    private final MessageDigest digest = Hashes.sha256();
    private final Map<String, Integer> known;
    private final List<String> ids = new ArrayList<>();
    private final List<byte[]> textHashes = new ArrayList<>();
    private final List<@Nullable Payload> payloads = new ArrayList<>();
    private final List<String> duplicates = new ArrayList<>();

    private Batch(Writer writer, int size) {
        reader = new PayloadReader(writer.insensitive());
        known = HashMap.newHashMap(size);
    }

    /** Parses all records completely. */
    static Batch read(Writer writer, List<byte[]> texts) {
        var batch = new Batch(writer, texts.size());
        for (int i = 0; i < texts.size(); i++) {
            var payload = batch.reader.read(i, texts.get(i));
            batch.add(i, texts.get(i), payload.id(), payload);
        }
        return batch;
    }

    /** Parses only the ids, as far as that is possible without parsing the whole record. */
    static Batch peek(Writer writer, List<byte[]> texts) {
        var batch = new Batch(writer, texts.size());
        for (int i = 0; i < texts.size(); i++) {
            var id = batch.reader.peekId(texts.get(i));
            var payload = id == null ? batch.reader.read(i, texts.get(i)) : null;
            batch.add(
                    i,
                    texts.get(i),
                    id == null ? Objects.requireNonNull(payload).id() : id,
                    payload);
        }
        return batch;
    }

    private void add(int place, byte[] text, String id, @Nullable Payload payload) {
        if (known.putIfAbsent(id, ids.size()) == null) {
            texts.add(text);
            places.add(place);
            ids.add(id);
            textHashes.add(Hashes.textHash(digest, text));
            payloads.add(payload);
        } else {
            duplicates.add(id);
            if (payload == null) {
                // It is not saved, but a record that cannot be read is refused wherever it occurs.
                reader.read(place, text);
            }
        }
    }

    int count() {
        return texts.size();
    }

    String[] ids() {
        return ids.toArray(String[]::new);
    }

    byte[][] textHashes() {
        return textHashes.toArray(byte[][]::new);
    }

    byte[] textHash(int index) {
        return textHashes.get(index);
    }

    /** The position of the text with an id in this batch. */
    int indexOf(String id) {
        return Objects.requireNonNull(known.get(id));
    }

    /** Whether the hash of a text equals the bytes at an offset. */
    boolean isRaw(int index, byte[] hashes, int at) {
        return Arrays.equals(hashes, at, at + Hashes.LENGTH, textHashes.get(index), 0, Hashes.LENGTH);
    }

    /** The complete record, parsed if necessary. */
    Payload payload(int index) {
        var payload = payloads.get(index);
        if (payload == null) {
            payload = reader.read(places.get(index), texts.get(index));
            payloads.set(index, payload);
        }
        return payload;
    }

    /** Replaces the record at an index by the result of a merge with the stored one. */
    Payload merged(int index, byte[] text) {
        return reader.read(places.get(index), text);
    }

    /** Parses the records that have not been parsed. */
    void readAll() {
        for (int i = 0; i < count(); i++) {
            payload(i);
        }
    }

    List<String> duplicates() {
        return duplicates;
    }
}
