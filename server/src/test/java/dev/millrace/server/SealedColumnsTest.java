package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.testkit.TestDatabase;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A sealed column that nobody declares would be left behind by every change of the key. */
@Tag("slow")
class SealedColumnsTest {
    /** Bytes that no key has sealed, or that are sealed by the key they belong to. */
    private static final Set<String> NOT_SEALED = Set.of(
            "api_key.hash",
            "inbound_event.repeat_key",
            "connect_session.token_hash",
            "idempotent_call.request",
            "record.hash",
            "record.text_hash",
            "auth_flow.state_hash",
            "metadata_index.digest",
            "scheduled_tasks.task_data",
            "encryption_key.check_value",
            "dashboard_password.salt",
            "dashboard_password.hash",
            "dashboard_session.hash");
    /** The encryption's own. */
    private static final String SECRETS = "encryption_secret.value";

    private static List<String> texts(Database db, String sql, String table) {
        return db.withHandle(handle ->
                handle.createQuery(sql).bind("table", table).mapTo(String.class).list());
    }

    @Test
    void every_column_of_bytes_is_declared_as_sealed_or_known_not_to_be() {
        try (var db = TestDatabase.fresh()) {
            var columns = texts(db, """
                    SELECT table_name || '.' || column_name FROM information_schema.columns
                     WHERE table_schema = 'public' AND data_type = 'bytea' AND :table = ''
                    """, "");
            var declared = Server.SEALED.stream().map(SealedColumn::name).collect(Collectors.toSet());

            assertThat(columns).contains(SECRETS).containsAll(declared).containsAll(NOT_SEALED);
            assertThat(columns)
                    .filteredOn(name -> !NOT_SEALED.contains(name) && !name.equals(SECRETS))
                    .containsExactlyInAnyOrderElementsOf(declared);
        }
    }

    @Test
    void the_declared_keys_are_the_primary_keys() {
        try (var db = TestDatabase.fresh()) {
            for (var column : Server.SEALED) {
                var key = texts(db, """
                        SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                          FROM pg_index i
                         CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
                          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                         WHERE i.indrelid = :table::regclass AND i.indisprimary
                         ORDER BY k.place
                        """, column.table());

                assertThat(column.key().stream().map(part -> part.name() + " " + part.type()))
                        .as(column.name())
                        .containsExactlyElementsOf(key);
            }
        }
    }
}
