package dev.millrace.server.encryption;

import java.sql.Array;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** The statements on the progress of re-encryption. Thread-safe. */
final class RotationStore {
    private static final String NONE_OTHER = "DELETE FROM encryption_rotation";
    private static final String BEGIN = "INSERT INTO encryption_rotation (key_id) VALUES (:key)";
    private static final String READ = """
            SELECT key_id, pass, part, position, scanned, total, found, left_over, resealed,
                   finished_at IS NOT NULL AS finished
              FROM encryption_rotation
            """;
    private static final String PASS = """
            UPDATE encryption_rotation
               SET pass = pass + 1, part = NULL, position = NULL, scanned = 0, total = :total, found = 0, left_over = 0,
                   barrier = coalesce(barrier, pg_current_xact_id()::text)
             WHERE key_id = :key
            """;
    // Transactions that began before the first pass may write values of older keys.
    private static final String PAST_BARRIER = """
            SELECT pg_snapshot_xmin(pg_current_snapshot()) > barrier::xid8 FROM encryption_rotation WHERE key_id = :key
            """;
    private static final String SAVE = """
            UPDATE encryption_rotation
               SET part = :part, position = :position, scanned = :scanned, found = :found, left_over = :left,
                   resealed = :resealed
             WHERE key_id = :key AND pass = :pass
            """;
    private static final String FINISH = "UPDATE encryption_rotation SET finished_at = now() WHERE key_id = :key";

    /**
     * The progress.
     *
     * @param key the key that seals
     * @param part the current column; null: before the first
     * @param found values of other keys found in this pass
     * @param left those of them that could not be re-encrypted
     * @param position the last primary key that has been processed in the column; null: none yet
     */
    record Progress(
            int key,
            int pass,
            @Nullable String part,
            @Nullable List<String> position,
            long scanned,
            long total,
            long found,
            long left,
            long resealed,
            boolean finished) {
        /** Returns the progress after a further portion. */
        Progress at(String part, @Nullable List<String> position, long moreScanned, long moreFound, long moreResealed) {
            return new Progress(
                    key,
                    pass,
                    part,
                    position,
                    scanned + moreScanned,
                    total,
                    found + moreFound,
                    left + moreFound - moreResealed,
                    resealed + moreResealed,
                    finished);
        }
    }

    /** Starts from the beginning with this key. */
    void begin(Handle handle, int key) {
        handle.execute(NONE_OTHER);
        handle.createUpdate(BEGIN).bind("key", key).execute();
    }

    Optional<Progress> read(Handle handle) {
        return handle.createQuery(READ)
                .map((row, _) -> new Progress(
                        row.getInt("key_id"),
                        row.getInt("pass"),
                        row.getString("part"),
                        texts(row.getArray("position")),
                        row.getLong("scanned"),
                        row.getLong("total"),
                        row.getLong("found"),
                        row.getLong("left_over"),
                        row.getLong("resealed"),
                        row.getBoolean("finished")))
                .findOne();
    }

    private static @Nullable List<String> texts(@Nullable Array array) throws SQLException {
        return array == null ? null : List.of((String[]) array.getArray());
    }

    /** @param total number of rows */
    void nextPass(Handle handle, int key, long total) {
        handle.createUpdate(PASS).bind("key", key).bind("total", total).execute();
    }

    boolean isPastBarrier(Handle handle, int key) {
        return handle.createQuery(PAST_BARRIER)
                .bind("key", key)
                .mapTo(Boolean.class)
                .one();
    }

    void save(Handle handle, Progress progress) {
        Update update = handle.createUpdate(SAVE)
                .bind("key", progress.key())
                .bind("pass", progress.pass())
                .bind("part", progress.part())
                .bind("scanned", progress.scanned())
                .bind("found", progress.found())
                .bind("left", progress.left())
                .bind("resealed", progress.resealed());
        if (progress.position() == null) {
            update.bindNull("position", Types.ARRAY);
        } else {
            update.bindArray("position", String.class, progress.position());
        }
        update.execute();
    }

    void finish(Handle handle, int key) {
        handle.createUpdate(FINISH).bind("key", key).execute();
    }
}
