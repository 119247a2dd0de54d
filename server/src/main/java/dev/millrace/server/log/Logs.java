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
 * Entry point for logs: operations and their lines. A separate thread writes lines to the database in batches. Callers
 * do not wait; a crash loses the lines of the last half second. Thread-safe.
 */
public final class Logs implements AutoCloseable {
    private final LogStore store;
    private final LogWriter writer;
    private final Clock clock;

    /** @param process id under which this server records its operations */
    public Logs(Database db, UUID process, Clock clock) {
        this.store = new LogStore(db, process);
        this.clock = clock;
        this.writer = new LogWriter(store);
    }

    /** Adds one line in a transaction, so that the line exists if and only if its subject does. */
    public void note(Handle handle, long environment, UUID operation, String level, String message) {
        store.note(
                handle,
                new Entry(environment, operation, clock.instant(), Level.of(level), Log.printable(message), null));
    }

    /**
     * Ends, in a transaction, an operation of a process that was lost.
     *
     * @param message of its last line
     * @param error JSON text
     */
    public void interrupt(Handle handle, long environment, UUID operation, String message, String error) {
        note(handle, environment, operation, "warn", message);
        store.interrupt(handle, operation, error, clock.instant());
    }

    /**
     * Ends, in a transaction, the operations of a process that was lost.
     *
     * @param error JSON text, for operations that another run continues
     */
    public void endLost(Handle handle, UUID process, String error) {
        store.endLost(handle, process, error, clock.instant());
    }

    /** Begins an operation; its log must be closed at the end. */
    public Log open(Operation operation) {
        var log = new Log(operation, true);
        log.changed();
        return log;
    }

    /** Adds lines to an operation that another caller has begun and will end. */
    public Log join(Operation operation) {
        return new Log(operation, false);
    }

    LogStore store() {
        return store;
    }

    /** Waits, for at most two seconds, until everything logged so far can be read. */
    void flush() {
        writer.flush();
    }

    /** Writes everything that is waiting. */
    @Override
    public void close() {
        writer.close();
    }

    /**
     * The log of one operation. Its number of lines and of characters is limited; closing lines always fit. Secrets are
     * masked. Thread-safe.
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

        /**
         * Masks these secrets in all lines that follow. The supplier is called when the first line is written, if there
         * is one.
         */
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

        /** JSON text of others, with secrets masked. */
        public synchronized String blank(String text) {
            learn();
            return Storable.json(secrets.blank(text));
        }

        /**
         * Ends the operation. Only the first call has an effect.
         *
         * @param message of a last line, or null for none
         * @param meta of that line; also the operation's error, unless it succeeded
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

        synchronized OperationState state() {
            return new OperationState(
                    operation,
                    status,
                    Optional.ofNullable(finishedAt),
                    Optional.ofNullable(error),
                    Map.copyOf(lines),
                    dropped);
        }

        /** An operation that nobody has ended has failed. */
        @Override
        public void close() {
            end(Status.FAILED, "Ended by an internal error", null);
        }
    }
}
