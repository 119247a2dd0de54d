package dev.millrace.server.schedule;

import dev.millrace.server.cluster.LeaseLost;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.Update;

/** The table of tasks, db-scheduler's own: what is written to it in the transaction of the state a task belongs to. */
final class TaskStore {
    private static final String PUT = """
            INSERT INTO scheduled_tasks AS t (task_name, task_instance, execution_time, picked, version)
            VALUES (:kind, :id, :at, false, 1)
            ON CONFLICT (task_name, task_instance) DO UPDATE
               SET execution_time = excluded.execution_time, version = t.version + 1
             WHERE NOT t.picked
            """;
    private static final String ALL = """
            INSERT INTO scheduled_tasks AS t (task_name, task_instance, execution_time, picked, version)
            SELECT :kind, i.id, :at, false, 1 FROM unnest(:ids) AS i (id) ORDER BY i.id
            ON CONFLICT (task_name, task_instance)
            """;
    private static final String PUT_ALL = ALL + """
                DO UPDATE SET execution_time = excluded.execution_time, version = t.version + 1
             WHERE NOT t.picked
            """;
    private static final String ADD_ALL = ALL + " DO NOTHING";
    private static final String DROP =
            "DELETE FROM scheduled_tasks WHERE task_name = :kind AND task_instance = :id AND NOT picked";
    private static final String CLAIMED =
            " WHERE task_name = :kind AND task_instance = :id AND picked AND version = :version";
    private static final String FINISH = "DELETE FROM scheduled_tasks" + CLAIMED;
    private static final String CHECK = "SELECT version FROM scheduled_tasks" + CLAIMED + " FOR UPDATE";
    private static final String AGAIN = """
            UPDATE scheduled_tasks
               SET picked = false, picked_by = NULL, last_heartbeat = NULL, execution_time = :at, version = version + 1
            """ + CLAIMED;
    // Written as already claimed by this process. It gets no heartbeats; the removal of a lost server releases it.
    private static final String CLAIM = """
            INSERT INTO scheduled_tasks AS t (task_name, task_instance, execution_time, picked, picked_by, last_heartbeat, version)
            VALUES (:kind, :id, :at, true, :node, '9999-01-01', 1)
            ON CONFLICT (task_name, task_instance) DO UPDATE
               SET picked = true, picked_by = excluded.picked_by, last_heartbeat = excluded.last_heartbeat,
                   version = t.version + 1
             WHERE NOT t.picked
            RETURNING version
            """;
    private static final String RELEASE = """
            UPDATE scheduled_tasks
               SET picked = false, picked_by = NULL, last_heartbeat = NULL, version = version + 1
             WHERE picked AND picked_by = :node
            """;

    private TaskStore() {}

    /** Sets when a waiting task runs and creates it if necessary; false when it is running now. */
    static boolean put(Handle handle, String kind, String id, Instant when) {
        return bind(handle.createUpdate(PUT), kind, id)
                        .bind("at", Timestamp.from(when))
                        .execute()
                > 0;
    }

    /** The same for many tasks. */
    static void putAll(Handle handle, String kind, Collection<String> ids, Instant when) {
        forAll(handle.createUpdate(PUT_ALL), kind, ids, when);
    }

    /** Creates those that do not exist. */
    static void addAll(Handle handle, String kind, Collection<String> ids, Instant when) {
        forAll(handle.createUpdate(ADD_ALL), kind, ids, when);
    }

    private static void forAll(Update update, String kind, Collection<String> ids, Instant when) {
        update.bind("kind", kind)
                .bindArray("ids", String.class, ids)
                .bind("at", Timestamp.from(when))
                .execute();
    }

    /** Creates a task, or takes a waiting one, for a node; empty when it is running at the moment. */
    static Optional<Schedule.Claim> claim(Handle handle, String kind, String id, Instant now, String node) {
        return bind(handle.createUpdate(CLAIM), kind, id)
                .bind("at", Timestamp.from(now))
                .bind("node", node)
                .executeAndReturnGeneratedKeys("version")
                .mapTo(Long.class)
                .findOne()
                .map(version -> new Schedule.Claim(kind, id, version));
    }

    /** Deletes a task unless it is running. */
    static void drop(Handle handle, String kind, String id) {
        bind(handle.createUpdate(DROP), kind, id).execute();
    }

    /** Makes sure that the claim is valid until the transaction ends. */
    static void check(Handle handle, Schedule.Claim claim) {
        var found = bind(handle.createQuery(CHECK), claim).mapTo(Long.class).findOne();
        held(claim, found.isPresent() ? 1 : 0);
    }

    /** Has a claimed task wait for its next run. */
    static void again(Handle handle, Schedule.Claim claim, Instant when) {
        held(
                claim,
                bind(handle.createUpdate(AGAIN), claim)
                        .bind("at", Timestamp.from(when))
                        .execute());
    }

    /** Removes a claimed task. */
    static void finish(Handle handle, Schedule.Claim claim) {
        held(claim, bind(handle.createUpdate(FINISH), claim).execute());
    }

    /** Has the tasks of a node that is gone wait to be run anew. */
    static void release(Handle handle, String node) {
        handle.createUpdate(RELEASE).bind("node", node).execute();
    }

    private static <T extends SqlStatement<T>> T bind(T statement, String kind, String id) {
        return statement.bind("kind", kind).bind("id", id);
    }

    private static <T extends SqlStatement<T>> T bind(T statement, Schedule.Claim claim) {
        return bind(statement, claim.kind(), claim.id()).bind("version", claim.version());
    }

    private static void held(Schedule.Claim claim, int rows) {
        if (rows == 0) {
            throw new LeaseLost("the task " + claim.task());
        }
    }
}
