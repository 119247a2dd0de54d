package dev.millrace.server.log;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Something that logs: a run of a function, a call of the HTTP proxy, or the renewal of a token. Names rather than
 * numbers, since a log outlives what it tells of.
 *
 * @param kind one of {@link #KINDS}
 * @param connection the id by which its users know it
 */
public record Operation(
        UUID id,
        long environment,
        String kind,
        String integration,
        String connection,
        Optional<String> function,
        Optional<String> variant,
        Instant startedAt) {
    static final List<String> KINDS = List.of("sync", "action", "webhook", "on-event", "proxy", "auth");
}
