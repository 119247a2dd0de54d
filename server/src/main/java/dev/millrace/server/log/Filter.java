package dev.millrace.server.log;

import java.time.Instant;
import java.util.Optional;

/**
 * The filters of a search; an empty one matches everything.
 *
 * @param level the lowest level
 * @param text part of a line, or of an operation's error; case is ignored
 */
public record Filter(
        long environment,
        Optional<String> kind,
        Optional<String> status,
        Optional<String> integration,
        Optional<String> connection,
        Optional<String> function,
        Optional<String> level,
        Optional<String> text,
        Optional<Instant> from,
        Optional<Instant> to) {
    /** All of an environment. */
    public static Filter all(long environment) {
        return new Filter(
                environment,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The same with lines of a level and above; an empty level means all. */
    public Filter ofLevel(String lowest) {
        return new Filter(
                environment,
                kind,
                status,
                integration,
                connection,
                function,
                Optional.of(lowest).filter(word -> !word.isEmpty()),
                text,
                from,
                to);
    }
}
