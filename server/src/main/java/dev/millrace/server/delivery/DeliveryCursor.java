package dev.millrace.server.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/**
 * A paging cursor of the list of deliveries. The list is sorted by the sequence number of the event, then by delivery
 * id, both descending.
 */
record DeliveryCursor(long seq, UUID id) {
    /** The cursor before the newest delivery. */
    static final DeliveryCursor START = new DeliveryCursor(Long.MAX_VALUE, new UUID(-1, -1));

    /** Decodes a cursor; empty if the text is not one. */
    static Optional<DeliveryCursor> parse(String text) {
        try {
            var parts = new String(Base64.getUrlDecoder().decode(text), US_ASCII).split(" ", -1);
            return parts.length == 2
                    ? Optional.of(new DeliveryCursor(Long.parseLong(parts[0]), UUID.fromString(parts[1])))
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** Encodes the cursor for the API. */
    String encode() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString((seq + " " + id).getBytes(US_ASCII));
    }
}
