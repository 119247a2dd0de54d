package dev.millrace.server.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/** A place in the list of deliveries, which is sorted by event. */
record Place(long seq, UUID id) {
    /** Before the newest. */
    static final Place FIRST = new Place(Long.MAX_VALUE, new UUID(-1, -1));

    static Optional<Place> parse(String cursor) {
        try {
            var parts = new String(Base64.getUrlDecoder().decode(cursor), US_ASCII).split(" ", -1);
            return parts.length == 2
                    ? Optional.of(new Place(Long.parseLong(parts[0]), UUID.fromString(parts[1])))
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    String cursor() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString((seq + " " + id).getBytes(US_ASCII));
    }
}
