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
 * A batch as it came; of records with the same id the first. A record is read as a whole when its contents are asked for:
 * most batches of a sync hold what is stored already, and for those the hash of the text is enough. Not thread-safe.
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

    /** Reads all of every record. */
    static Batch read(Writer writer, List<byte[]> texts) {
        var batch = new Batch(writer, texts.size());
        for (int i = 0; i < texts.size(); i++) {
            var payload = batch.reader.read(i, texts.get(i));
            batch.add(i, texts.get(i), payload.id(), payload);
        }
        return batch;
    }

    /** Reads the ids only, as far as they can be told without reading all. */
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
                // It counts for nothing, but what cannot be read is refused wherever it stands.
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

    /** Where the text of an id is that the batch has. */
    int indexOf(String id) {
        return Objects.requireNonNull(known.get(id));
    }

    /** Whether the hash of a text is what some bytes hold from a place on. */
    boolean isRaw(int index, byte[] hashes, int at) {
        return Arrays.equals(hashes, at, at + Hashes.LENGTH, textHashes.get(index), 0, Hashes.LENGTH);
    }

    /** All of a record, read when it was not yet. */
    Payload payload(int index) {
        var payload = payloads.get(index);
        if (payload == null) {
            payload = reader.read(places.get(index), texts.get(index));
            payloads.set(index, payload);
        }
        return payload;
    }

    /** A record that came of merging the one at an index with what is stored. */
    Payload merged(int index, byte[] text) {
        return reader.read(places.get(index), text);
    }

    /** Reads what has not been read. */
    void readAll() {
        for (int i = 0; i < count(); i++) {
            payload(i);
        }
    }

    List<String> duplicates() {
        return duplicates;
    }
}
