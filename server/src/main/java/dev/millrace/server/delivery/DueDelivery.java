package dev.millrace.server.delivery;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * A delivery that this process has claimed and must send.
 *
 * @param id the id of the delivery
 * @param event the public id of the event, which the receiver sees
 * @param seq the sequence number of the event
 * @param connection the internal id of the connection; empty if the event concerns no connection
 * @param orderingKey deliveries of one connection with the same key are sent in order; empty: no order
 * @param last whether this is the last event of the connection
 * @param attempts the number of attempts made so far
 * @param body the JSON text to sign and send
 * @param headers additional headers as the text of a JSON object
 */
record DueDelivery(
        UUID id,
        UUID event,
        long seq,
        long environment,
        OptionalLong connection,
        String integration,
        String connectionId,
        String type,
        Optional<String> orderingKey,
        boolean last,
        int attempts,
        String body,
        Optional<String> headers) {}
