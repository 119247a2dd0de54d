package dev.millrace.server.metadata;

import dev.millrace.server.encryption.Encryption;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Creates index entries as keyed digests, so that the index reveals no metadata without the encryption key.
 * Thread-safe.
 */
final class Digests {
    private static final int BYTES = 16;
    /** Of an array, so that a write stays small. */
    private static final int MOST_ELEMENTS = 1_000;

    private final Encryption encryption;

    Digests(Encryption encryption) {
        this.encryption = encryption;
    }

    /** The entries of an object. Texts, numbers and booleans are indexed, also as elements of an array. */
    Set<IndexEntry> of(long environment, List<String> paths, @Nullable ObjectNode object) {
        var entries = new HashSet<IndexEntry>();
        if (object != null) {
            for (var path : paths) {
                values(object, path).forEach(value -> entries.add(entry(environment, path, value)));
            }
        }
        return entries;
    }

    IndexEntry entry(long environment, String path, String value) {
        var text = environment + "\0" + path + '\0' + value;
        var digest = encryption.fingerprint(text.getBytes(StandardCharsets.UTF_8));
        return new IndexEntry(path, HexFormat.of().formatHex(digest, 0, BYTES));
    }

    private static Stream<String> values(ObjectNode object, String path) {
        return segments(path).find(object).stream()
                .flatMap(n -> n.isArray() ? n.valueStream().limit(MOST_ELEMENTS) : Stream.of(n))
                .filter(n -> n.isValueNode() && !n.isNull())
                .map(n -> n.asString(""));
    }

    /** A path is a JSON Pointer if it begins with a slash; otherwise its keys are separated by dots. */
    private static Pointer segments(String path) {
        return (path.startsWith("/") ? Pointer.parse(path) : Optional.<Pointer>empty())
                .orElseGet(() -> new Pointer(path, List.of(path.split("\\.", -1))));
    }
}
