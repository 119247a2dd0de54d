package dev.millrace.server.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/** A position in a list that is sorted by time, then by id. */
record Cursor(Instant at, String id) {
    /** @param ids the format of ids in that list */
    static Optional<Cursor> parse(String text, Pattern ids) {
        try {
            var parts = new String(Base64.getUrlDecoder().decode(text), UTF_8).split(" ", 2);
            return parts.length == 2 && ids.matcher(parts[1]).matches()
                    ? Optional.of(new Cursor(Instant.parse(parts[0]), parts[1]))
                    : Optional.empty();
        } catch (IllegalArgumentException | DateTimeException _) {
            return Optional.empty();
        }
    }

    String text() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString((at + " " + id).getBytes(UTF_8));
    }
}
