package dev.millrace.server.metadata;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The version that a change must follow, from the header {@code If-Match}. */
record IfMatch(Optional<List<String>> tags) {
    static final IfMatch ANYTHING = new IfMatch(Optional.empty());

    static IfMatch of(Optional<String> header) {
        // A proxy that compresses makes an ETag weak; it still names the same version.
        return new IfMatch(header.map(h -> Arrays.stream(h.split(",", -1))
                .map(String::strip)
                .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
                .toList()));
    }

    static IfMatch version(long version) {
        return new IfMatch(Optional.of(List.of("\"" + version + '"')));
    }

    boolean isGiven() {
        return tags.isPresent();
    }

    /** Refuses the change unless the header names the stored version. */
    void check(long version, boolean present) {
        if (tags.isPresent() && tags.get().stream().noneMatch(tag -> matches(tag, version, present))) {
            throw new Failure.Plain(
                    412,
                    "metadata_conflict",
                    "The metadata has changed: its version is " + version + ". Nothing was written. Read it again.",
                    Json.object().put("current_version", version));
        }
    }

    private static boolean matches(String tag, long version, boolean present) {
        return tag.equals("*") ? present : tag.equals("\"" + version + '"');
    }
}
