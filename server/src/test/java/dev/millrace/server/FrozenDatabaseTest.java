package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.MillraceClient;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.db.MessageListener;
import dev.millrace.server.testkit.ContactSync;
import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.OwnPostgres;
import dev.millrace.server.testkit.ProbeAction;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestConfig;
import dev.millrace.server.testkit.TestFolder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A PostgreSQL that is there but does not answer: its host has stopped, or its disk hangs. */
@Tag("slow")
@Timeout(300)
class FrozenDatabaseTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    /** About 5 seconds are promised, to whom the machine is not shared with others. */
    private static final Duration ANSWERED = Duration.ofSeconds(12);
    /** 2 seconds are promised. */
    private static final Duration READY_ANSWERED = Duration.ofSeconds(10);

    private static final Duration FROZEN = Duration.ofSeconds(13);
    private static final int HELD_FROM = 1_000;

    private final Path data = TestFolder.create("frozen");
    private final MockApi mock = new MockApi();
    private final MockApi other = new MockApi();

    @AfterEach
    void stop() {
        mock.close();
        other.close();
        TestFolder.delete(data);
    }

    private record Timed(RawClient.Reply reply, Duration after) {}

    private static Timed timed(Callable<RawClient.Reply> request) throws Exception {
        long began = System.nanoTime();
        var reply = request.call();
        return new Timed(reply, Duration.ofNanos(System.nanoTime() - began));
    }

    private static void checkRefused(List<Timed> answers) {
        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.reply().status()).as(answer.reply().toString()).isEqualTo(503);
            assertThat(answer.reply().code()).isEqualTo("database_unavailable");
            assertThat(answer.reply().headers().firstValue("Retry-After")).isPresent();
            assertThat(answer.after()).isLessThan(ANSWERED);
        });
    }

    private static Duration longest(List<Timed> answers) {
        return answers.stream().map(Timed::after).max(Duration::compareTo).orElseThrow();
    }

    @Test
    void requests_are_refused_in_time_and_all_goes_on_afterwards() throws Exception {
        try (var postgres = OwnPostgres.start();
                var server = new Server(TestConfig.of(data, Optional.of(postgres.url())))) {
            server.start();
            var url = URI.create("http://127.0.0.1:" + server.port());
            var key = server.defaultKey().secret().orElseThrow();
            try (var client = MillraceClient.of(url, key);
                    var raw = new RawClient(url, key);
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                ContactSync.deploy(client);
                Scripts.on(client)
                        .action(
                                "ask",
                                "await nango.get({ endpoint: '/items?cursor=1', baseUrlOverride:"
                                        + " (await nango.getMetadata()).mock, retries: 0 }); return 'asked';")
                        .deploy();
                var connection = ContactSync.connect(client, "c1", mock);
                ContactSync.connect(client, "c2", other);
                mock.hold(HELD_FROM);
                other.hold(0);
                ContactSync.trigger(client, connection);
                await().atMost(LONGEST_WAIT).until(() -> mock.cursors().contains(HELD_FROM));
                var action = threads.submit(() -> ask(raw));
                await().atMost(LONGEST_WAIT).until(() -> other.cursors().contains(1));

                postgres.freeze();
                long frozen = System.nanoTime();
                var pending = new ArrayList<Future<Timed>>();
                for (int i = 0; i < 40; i++) {
                    int number = i;
                    pending.add(threads.submit(() -> timed(() -> change(raw, number))));
                }
                var ready = new ArrayList<Timed>();
                for (int i = 0; i < 4; i++) {
                    ready.add(timed(() -> raw.get("/ready")));
                }
                var early = new ArrayList<Timed>();
                for (var answer : pending) {
                    early.add(answer.get());
                }
                var late = List.of(timed(() -> raw.get("/integrations")), timed(() -> raw.get("/integrations")));
                ready.add(timed(() -> raw.get("/ready")));
                mock.release();
                other.release();
                await().pollDelay(FROZEN.minusNanos(Math.min(FROZEN.toNanos() - 1, System.nanoTime() - frozen)))
                        .atMost(LONGEST_WAIT)
                        .until(() -> true);
                postgres.thaw();
                long thawed = System.nanoTime();
                await().atMost(LONGEST_WAIT).until(() -> raw.get("/ready").status() == 200);
                var again = Duration.ofNanos(System.nanoTime() - thawed);

                System.out.println("Frozen database: requests refused after " + longest(early) + ", then after "
                        + longest(late) + "; /ready after " + longest(ready) + "; ready again after " + again);
                checkRefused(early);
                checkRefused(late);
                assertThat(ready).allSatisfy(answer -> {
                    assertThat(answer.reply().status()).isEqualTo(503);
                    assertThat(answer.reply().code()).isEqualTo("database_unavailable");
                    assertThat(answer.after()).isLessThan(READY_ANSWERED);
                });
                ContactSync.awaitEnd(client, connection);
                assertThat(ContactSync.records(client, connection)).hasSize(ContactSync.TOTAL);
                // Whether the database was there in time or not, it was asked once, and that is what is said again.
                var first = action.get();
                assertThat(other.cursors()).containsExactly(1);
                await().atMost(LONGEST_WAIT)
                        .untilAsserted(() -> assertThat(ask(raw).text()).isEqualTo(first.text()));
                assertThat(other.cursors()).containsExactly(1);
                await().atMost(LONGEST_WAIT).untilAsserted(() -> checkNothingLeft(postgres));
            }
        }
    }

    private static RawClient.Reply change(RawClient raw, int number) {
        return raw.patch(
                "/connections/metadata",
                "{\"provider_config_key\":\"crm\",\"connection_id\":\"c2\",\"metadata\":{\"n" + number + "\":1}}");
    }

    private static RawClient.Reply ask(RawClient raw) {
        return ProbeAction.call(raw, "c2", "{\"action_name\":\"ask\"}", "Idempotency-Key", "once");
    }

    private static void checkNothingLeft(OwnPostgres postgres) {
        try (var tables = new KeyTables(postgres.url())) {
            assertThat(tables.texts("SELECT id::text FROM run WHERE status = 'RUNNING'"))
                    .isEmpty();
            assertThat(tables.texts("SELECT id::text FROM operation WHERE status = 'running'"))
                    .isEmpty();
            assertThat(tables.texts("SELECT status FROM run WHERE kind = 'sync' AND status = 'SUCCESS'"))
                    .hasSize(1);
        }
    }

    @Test
    void a_long_statement_is_not_cut() {
        try (var postgres = OwnPostgres.start();
                var db = Database.open(new DatabaseConfig(postgres.url(), 2))) {
            db.watch(new MessageListener() {
                @Override
                public void heard(String message) {}

                @Override
                public void missed() {}
            });

            var slept = db.withHandle(handle -> handle.createQuery("SELECT pg_sleep(9)::text || 'slept'")
                    .mapTo(String.class)
                    .one());

            assertThat(slept).isEqualTo("slept");
            assertThat(db.isAway()).isFalse();
        }
    }
}
