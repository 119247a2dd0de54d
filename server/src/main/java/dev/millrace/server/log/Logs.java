package dev.millrace.server.log;

import dev.millrace.server.db.Database;
import dev.millrace.server.http.Storable;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Entry point for logs: operations and their lines. Lines are written to the database in batches, by a
 * separate thread: callers do not wait, and a crash loses the lines of the last half second. Thread-safe.
 */
public final class Logs implements AutoCloseable {
    private final LogStore store;
    private final LogWriter writer;
    private final Clock clock;

    /** @param process under which this server notes what it works on */
    public Logs(Database db, UUID process, Clock clock) {
        this.store = new LogStore(db, process);
        this.clock = clock;
        this.writer = new LogWriter(store);
    }

    /** Adds one line within a transaction: it is there when what it tells of is. */
    public void note(Handle handle, long environment, UUID operation, String level, String message) {
        store.note(
                handle,
                new Entry(environment, operation, clock.instant(), Level.of(level), Log.printable(message), null));
    }

    /**
     * Ends, within a transaction, an operation of a process that is not heard of.
     *
     * @param message of its last line
     * @param error JSON text
     */
    public void interrupt(Handle handle, long environment, UUID operation, String message, String error) {
        note(handle, environment, operation, "warn", message);
        store.interrupt(handle, operation, error, clock.instant());
    }

    /**
     * Ends, within a transaction, the operations of a process that is gone.
     *
     * @param error JSON text, of those with which others go on
     */
    public void endLost(Handle handle, UUID process, String error) {
        store.endLost(handle, process, error, clock.instant());
    }

    /** Begins an operation; close its log when it has ended. */
    public Log open(Operation operation) {
        var log = new Log(operation, true);
        log.changed();
        return log;
    }

    /** Adds lines to an operation that was begun elsewhere and ends there. */
    public Log join(Operation operation) {
        return new Log(operation, false);
    }

    LogStore store() {
        return store;
    }

    /** Waits, for two seconds at most, until what has been told here up to now can be read. */
    void flush() {
        writer.flush();
    }

    /** Writes what is still waiting. */
    @Override
    public void close() {
        writer.close();
    }

    /**
     * The log of one operation. It holds so many lines and so many characters and no more; those that end it always have
     * room. Secrets are blanked out. Thread-safe.
     */
    public final class Log implements AutoCloseable {
        private static final int MOST_LINES = 10_000;
        private static final long MOST_CHARACTERS = 10_000_000;
        private static final int LONGEST_MESSAGE = 10_000;
        private static final int LARGEST_META = 100_000;
        private static final int MOST_UNLEARNT = 8;

        private final Operation operation;
        private final boolean own;
        private final Secrets secrets = new Secrets();
        private final Map<Level, Integer> lines = new EnumMap<>(Level.class);
        private final List<Supplier<? extends Collection<String>>> unlearnt = new ArrayList<>();
        private int count;
        private long characters;
        private int dropped;
        private Status status = Status.RUNNING;
        private @Nullable Instant finishedAt;
        private @Nullable String error;

        private Log(Operation operation, boolean own) {
            this.operation = operation;
            this.own = own;
        }

        private void changed() {
            if (own) {
                writer.changed(this);
            }
        }

        public UUID operation() {
            return operation.id();
        }

        /** Blanks these out of all lines to come. They are asked for when the first line is written, if one is. */
        public synchronized void conceal(Supplier<? extends Collection<String>> texts) {
            if (unlearnt.size() == MOST_UNLEARNT) {
                learn();
            }
            unlearnt.add(texts);
        }

        private void learn() {
            unlearnt.forEach(texts -> secrets.add(texts.get()));
            unlearnt.clear();
        }

        /**
         * Adds a line.
         *
         * @param level an unknown one counts as {@code info}
         * @param meta JSON text of an object, or null
         */
        public synchronized void add(String level, String message, @Nullable String meta) {
            if (count >= MOST_LINES || characters >= MOST_CHARACTERS) {
                dropped++;
                return;
            }
            write(Level.of(level), message, meta);
        }

        private void write(Level level, String message, @Nullable String meta) {
            learn();
            var details = meta == null || meta.length() > LARGEST_META ? null : Storable.json(secrets.blank(meta));
            var entry = new Entry(
                    operation.environment(),
                    operation.id(),
                    clock.instant(),
                    level,
                    printable(secrets.blank(message)),
                    details);
            if (writer.offer(entry)) {
                lines.merge(level, 1, Integer::sum);
                count++;
                characters += entry.size();
                changed();
            } else {
                dropped++;
            }
        }

        private static String printable(String text) {
            var stored = Storable.text(Storable.start(text, LONGEST_MESSAGE));
            return text.length() > LONGEST_MESSAGE ? stored + "… (truncated)" : stored;
        }

        /** What may be shown of JSON text that others store. */
        public synchronized String blank(String text) {
            learn();
            return Storable.json(secrets.blank(text));
        }

        /**
         * Ends the operation. The first end counts.
         *
         * @param message of a last line, or null for none
         * @param meta of that line; the operation's error, too, unless it ended well
         */
        public synchronized void end(Status how, @Nullable String message, @Nullable String meta) {
            if (status != Status.RUNNING || !own) {
                return;
            }
            status = how;
            finishedAt = clock.instant();
            error = how == Status.SUCCESS || meta == null ? null : Storable.json(secrets.blank(meta));
            if (dropped > 0) {
                write(
                        Level.WARN,
                        dropped + " further lines were dropped: a log holds " + MOST_LINES + " lines and "
                                + MOST_CHARACTERS + " characters at most.",
                        null);
            }
            if (message != null) {
                write(how == Status.FAILED ? Level.ERROR : Level.INFO, message, meta);
            }
            changed();
        }

        synchronized Standing standing() {
            return new Standing(
                    operation,
                    status,
                    Optional.ofNullable(finishedAt),
                    Optional.ofNullable(error),
                    Map.copyOf(lines),
                    dropped);
        }

        /** Without an end of its own it has failed. */
        @Override
        public void close() {
            end(Status.FAILED, "Ended by an internal error", null);
        }
    }
}
