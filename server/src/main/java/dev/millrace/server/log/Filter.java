package dev.millrace.server.log;

import java.time.Instant;
import java.util.Optional;

/**
 * The filters of a search; an empty one matches everything.
 *
 * @param level the lowest level
 * @param text part of a line, or of an operation's error; case is ignored
 */
record Filter(
        long environment,
        Optional<String> kind,
        Optional<String> status,
        Optional<String> integration,
        Optional<String> connection,
        Optional<String> function,
        Optional<String> level,
        Optional<String> text,
        Optional<Instant> from,
        Optional<Instant> to) {}
