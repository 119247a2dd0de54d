package dev.millrace.server.activity;

import dev.millrace.server.db.Database;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The door of the room: log lines of operations. Thread-safe. */
public final class Activity {
    private static final String ADD = """
            INSERT INTO log_line (environment_id, operation, at, level, message, meta)
            SELECT :environment, :operation, l.at, l.level, l.message, l.meta::jsonb
              FROM unnest(:at::timestamptz[], :level::text[], :message::text[], :meta::text[])
                   AS l (at, level, message, meta)
            """;
    private static final String LINES = """
            SELECT at, level, message, meta::text
              FROM log_line
             WHERE operation = :operation
             ORDER BY id
             LIMIT :limit
            """;

    private final Database db;
    private final Clock clock;

    public Activity(Database db, Clock clock) {
        this.db = db;
        this.clock = clock;
    }

    /** @param meta JSON text of an object */
    public record Line(Instant at, String level, String message, Optional<String> meta) {}

    /** Adds one line within a transaction: it is there when what it tells of is. */
    public void note(Handle handle, long environment, UUID operation, String level, String message) {
        handle.createUpdate(ADD)
                .bind("environment", environment)
                .bind("operation", operation)
                .bindArray("at", String.class, clock.instant().toString())
                .bindArray("level", String.class, level)
                .bindArray("message", String.class, message)
                .bindArray("meta", String.class, java.util.Collections.singletonList(null))
                .execute();
    }

    /** Opens the log of one operation. */
    public Log open(long environment, UUID operation) {
        return new Log(environment, operation);
    }

    public List<Line> lines(UUID operation, int limit) {
        return db.withHandle(handle -> handle.createQuery(LINES)
                .bind("operation", operation)
                .bind("limit", limit)
                .map((row, _) -> new Line(
                        row.getTimestamp("at").toInstant(),
                        row.getString("level"),
                        row.getString("message"),
                        Optional.ofNullable(row.getString("meta"))))
                .list());
    }

    /** The log of one operation: lines are written in batches, and bounded in number and size. Thread-safe. */
    public final class Log implements AutoCloseable {
        private static final int BATCH = 200;
        private static final int MOST_LINES = 10_000;
        private static final int LONGEST_MESSAGE = 10_000;
        private static final int LARGEST_META = 100_000;

        private final long environment;
        private final UUID operation;
        private final List<Line> waiting = new ArrayList<>();
        private int count;

        private Log(long environment, UUID operation) {
            this.environment = environment;
            this.operation = operation;
        }

        public UUID operation() {
            return operation;
        }

        /** @param meta JSON text of an object, or null */
        public synchronized void add(String level, String message, @Nullable String meta) {
            count++;
            if (count > MOST_LINES) {
                return;
            }
            var text = count == MOST_LINES ? "This log is full: further lines of this run are dropped." : message;
            var kept = meta == null || meta.length() > LARGEST_META ? Optional.<String>empty() : Optional.of(meta);
            waiting.add(new Line(clock.instant(), level, printable(text), kept.map(Log::printable)));
            if (waiting.size() >= BATCH) {
                write();
            }
        }

        /** PostgreSQL's text cannot hold NUL, neither bare nor as JSON's escape. */
        private static String printable(String text) {
            var cut = text.length() > LONGEST_MESSAGE && !text.startsWith("{")
                    ? text.substring(0, LONGEST_MESSAGE) + "… (truncated)"
                    : text;
            return cut.replace("\u0000", "").replace("\\u0000", "\\\\0");
        }

        @Override
        public synchronized void close() {
            if (!waiting.isEmpty()) {
                write();
            }
        }

        private void write() {
            var lines = List.copyOf(waiting);
            waiting.clear();
            db.useHandle(handle -> handle.createUpdate(ADD)
                    .bind("environment", environment)
                    .bind("operation", operation)
                    .bindArray(
                            "at",
                            String.class,
                            lines.stream().map(l -> l.at().toString()).toList())
                    .bindArray(
                            "level",
                            String.class,
                            lines.stream().map(Line::level).toList())
                    .bindArray(
                            "message",
                            String.class,
                            lines.stream().map(Line::message).toList())
                    .bindArray(
                            "meta",
                            String.class,
                            lines.stream().map(l -> l.meta().orElse(null)).toList())
                    .execute());
        }
    }
}
