package dev.millrace.server.log;

import java.time.Instant;
import java.util.Optional;

/**
 * What to look for; what is empty does not matter.
 *
 * @param level the least
 * @param text part of a line, or of an operation's error; case does not matter
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
