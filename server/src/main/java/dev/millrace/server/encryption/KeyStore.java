package dev.millrace.server.encryption;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The statements on the tables of keys and secrets. Thread-safe. */
final class KeyStore {
    // Serialises starts, activations and completions.
    private static final String LOCK = "SELECT pg_advisory_xact_lock(7236012)";

    private static final String ALL = "SELECT id, check_value, state FROM encryption_key ORDER BY id";
    private static final String PUT = """
            INSERT INTO encryption_key (id, check_value, state) VALUES (:id, :check, :state)
            ON CONFLICT (id) DO UPDATE
               SET check_value = excluded.check_value, state = excluded.state, changed_at = now()
            """;
    private static final String REMOVE = "DELETE FROM encryption_key WHERE id = :id";
    private static final String CURRENT = "SELECT id FROM encryption_key WHERE state = 'CURRENT'";
    private static final String STATE = "UPDATE encryption_key SET state = :state, changed_at = now() WHERE id = :id";
    private static final String DISMISS =
            "UPDATE encryption_key SET state = 'OLD', changed_at = now() WHERE state = 'CURRENT' AND id <> :id";
    private static final String DRAINED =
            "UPDATE encryption_key SET state = 'UNUSED', changed_at = now() WHERE state = 'OLD' RETURNING id";

    private static final String SECRET = "SELECT value FROM encryption_secret WHERE name = :name";
    private static final String KEEP_SECRET = "INSERT INTO encryption_secret (name, value) VALUES (:name, :value)";

    /** The states of a key, in this order; a key that was OLD or UNUSED can become active again. */
    enum State {
        /** A server has it, but it has sealed nothing. */
        KNOWN,
        /** Seals new values. */
        CURRENT,
        /** Has sealed values that are not re-encrypted yet. */
        OLD,
        /** Was active, but has no values left. */
        UNUSED,
        /** Was removed after that. */
        RETIRED
    }

    record Row(int id, byte[] check, State state) {}

    void lock(Handle handle) {
        handle.execute(LOCK);
    }

    List<Row> all(Handle handle) {
        return handle.createQuery(ALL)
                .map((row, _) ->
                        new Row(row.getInt("id"), row.getBytes("check_value"), State.valueOf(row.getString("state"))))
                .list();
    }

    void put(Handle handle, Row row) {
        handle.createUpdate(PUT)
                .bind("id", row.id())
                .bind("check", row.check())
                .bind("state", row.state().name())
                .execute();
    }

    void remove(Handle handle, int id) {
        handle.createUpdate(REMOVE).bind("id", id).execute();
    }

    Optional<Integer> current(Handle handle) {
        return handle.createQuery(CURRENT).mapTo(Integer.class).findOne();
    }

    void state(Handle handle, int id, State state) {
        handle.createUpdate(STATE).bind("id", id).bind("state", state.name()).execute();
    }

    /** Makes this key the one that seals. */
    void takeOver(Handle handle, int id) {
        handle.createUpdate(DISMISS).bind("id", id).execute();
        state(handle, id, State.CURRENT);
    }

    /** No values of old keys are left; returns their ids. */
    List<Integer> drained(Handle handle) {
        return handle.createQuery(DRAINED).mapTo(Integer.class).list();
    }

    Optional<byte[]> secret(Handle handle, String name) {
        return handle.createQuery(SECRET)
                .bind("name", name)
                .map((row, _) -> row.getBytes(1))
                .findOne();
    }

    void keepSecret(Handle handle, String name, byte[] sealed) {
        handle.createUpdate(KEEP_SECRET)
                .bind("name", name)
                .bind("value", sealed)
                .execute();
    }
}
