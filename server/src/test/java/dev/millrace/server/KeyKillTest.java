package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.db.embedded.EmbeddedPostgres;
import dev.millrace.server.encryption.KeyReport;
import dev.millrace.server.encryption.KeySource;
import dev.millrace.server.testkit.ContactSync;
import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.ServerProcess;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that is killed while it seals everything anew. */
@Tag("slow")
@Timeout(300)
class KeyKillTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final int COPIES = 4;

    private final Path folder = TestFolder.create("key-kill");
    private final Path data = TestDatabase.prepared(folder.resolve("data"));
    private final MockApi mock = new MockApi();

    @AfterEach
    void clean() {
        mock.close();
        TestFolder.delete(folder);
    }

    private KeyTables tables() {
        return new KeyTables(EmbeddedPostgres.running(data).orElseThrow());
    }

    @Test
    void the_next_start_goes_on_where_it_was() throws Exception {
        ConnectionRef contacts;
        try (var server = ServerProcess.start(data)) {
            ContactSync.deploy(server.client());
            contacts = ContactSync.connect(server.client(), "contacts", mock);
            ContactSync.trigger(server.client(), contacts);
            ContactSync.awaitEnd(server.client(), contacts);
            try (var tables = tables()) {
                // Enough to catch it in the middle.
                assertThat(tables.execute("""
                                INSERT INTO record (dataset_id, external_id, sequence, modified, first_seen, hash, size, data)
                                SELECT dataset_id + n, external_id, sequence, modified, first_seen, hash, size, data
                                  FROM record CROSS JOIN generate_series(1000, 1000 + %d - 1) AS n
                                """.formatted(COPIES))).isEqualTo(COPIES * ContactSync.TOTAL);

                new KeySource(data, Optional.empty()).add(2);
                await().atMost(LONGEST_WAIT)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> KeyReport.rotation(tables.db)
                                .filter(r -> r.to() == 2 && r.resealed() > ContactSync.TOTAL)
                                .isPresent());
                server.kill();

                assertThat(KeyReport.rotation(tables.db)).hasValueSatisfying(rotation -> {
                    assertThat(rotation.pass()).isOne();
                    assertThat(rotation.finished()).isFalse();
                    assertThat(rotation.scanned()).isLessThan(rotation.total());
                });
                assertThat(tables.values(1)).isPositive();
                assertThat(tables.values(2)).isPositive();
            }
        }

        try (var server = ServerProcess.start(data);
                var tables = tables()) {
            tables.awaitUses("1 UNUSED, 2 SEALS");

            assertThat(tables.values(1)).isZero();
            assertThat(tables.texts("SELECT count(*) FROM record WHERE get_byte(data, 0) = 2"))
                    .isEqualTo(List.of(String.valueOf((1 + COPIES) * ContactSync.TOTAL)));
            assertThat(ContactSync.records(server.client(), contacts)).hasSize(ContactSync.TOTAL);
        }
    }
}
