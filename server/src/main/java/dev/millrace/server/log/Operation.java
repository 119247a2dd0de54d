package dev.millrace.server.log;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Something that is logged: a run of a function, a call of the HTTP proxy, the renewal of a token. It refers to other
 * objects by name, not by internal id, because a log may outlive them.
 *
 * @param kind one of {@link #KINDS}
 * @param connection its public id
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
    /** What an operation can be. */
    public static final List<String> KINDS =
            List.of("sync", "action", "webhook", "on-event", "function", "proxy", "auth");
}
