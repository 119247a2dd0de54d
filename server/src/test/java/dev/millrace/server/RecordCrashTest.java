package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.MillraceClient;
import dev.millrace.server.testkit.CrashScene;
import dev.millrace.server.testkit.CrashingWorkload;
import dev.millrace.server.testkit.LongOperation;
import dev.millrace.server.testkit.OwnPostgres;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ReportingSync;
import dev.millrace.server.testkit.StoreWriter;
import dev.millrace.server.testkit.TestConfig;
import dev.millrace.server.testkit.TestFolder;
import dev.millrace.server.testkit.WriteLog;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Records while a server or the database is killed at any moment of any kind of work. */
@Tag("slow")
class RecordCrashTest {
    private static final String MINUTES = "millrace.exactness.minutes";
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private final long seed = Long.getLong("millrace.exactness.seed", 1);

    enum Victim {
        SERVER,
        POSTMASTER,
        BACKEND;

        CrashingWorkload begin(Path data, OwnPostgres postgres, StoreWriter.Report log) throws Exception {
            return switch (this) {
                case SERVER -> new CrashingWorkload.Server(data, postgres, log);
                case POSTMASTER -> new CrashingWorkload.Threads(data, postgres, log, postgres::kill);
                case BACKEND -> new CrashingWorkload.Threads(data, postgres, log, postgres::killOneBackend);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(300)
    @DisabledIfSystemProperty(named = MINUTES, matches = ".+")
    void a_crash_leaves_whole_slices_true_counters_and_work_that_can_be_finished(Victim victim) throws Exception {
        check(victim, Duration.ZERO);
    }

    /** {@code CONTRIBUTING.md} says how. */
    @ParameterizedTest
    @EnumSource
    @Timeout(24 * 3_600)
    @EnabledIfSystemProperty(named = MINUTES, matches = ".+")
    void many_crashes_leave_whole_slices_true_counters_and_work_that_can_be_finished(Victim victim) throws Exception {
        double minutes = Double.parseDouble(System.getProperty(MINUTES)) / Victim.values().length;
        check(victim, Duration.ofMillis((long) (minutes * 60_000)));
    }

    private void check(Victim victim, Duration length) throws Exception {
        long end = System.nanoTime() + length.toNanos();
        try (var scene = new CrashScene(victim::begin, seed)) {
            do {
                for (var operation : LongOperation.values()) {
                    scene.round(operation);
                }
            } while (System.nanoTime() - end < 0);
            System.out.println("Crashes of " + victim + ": " + scene);
        }
    }

    @Test
    @Timeout(300)
    void requests_while_the_database_restarts_fail_as_errors_of_the_server_and_then_succeed() throws Exception {
        var folder = TestFolder.create("restart");
        try (var postgres = OwnPostgres.start();
                var server = new Server(TestConfig.of(folder.resolve("data"), Optional.of(postgres.url())))) {
            server.start();
            var url = URI.create("http://127.0.0.1:" + server.port());
            var key = server.defaultKey().secret().orElseThrow();
            connect(url, key);
            try (var client = new RawClient(url, key)) {
                var statuses = askWhile(client, postgres);

                System.out.println("Answers around a restart of the database: " + statuses);
                assertThat(statuses.keySet()).allMatch(answer -> answer.equals("200 ") || answer.startsWith("5"));
                assertThat(ask(client)).isEqualTo("200 ");
            }
        } finally {
            TestFolder.delete(folder);
        }
    }

    private static void connect(URI url, String key) throws IOException {
        try (var client = MillraceClient.of(url, key);
                var sync = new ReportingSync(new WriteLog())) {
            ReportingSync.deploy(client);
            sync.connect(client, "c0");
        }
    }

    /** Status and error code of every answer. */
    private static Map<String, Integer> askWhile(RawClient client, OwnPostgres postgres) {
        var statuses = new ConcurrentHashMap<String, Integer>();
        var asking = new AtomicBoolean(true);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 4; i++) {
                threads.execute(() -> {
                    while (asking.get()) {
                        statuses.merge(ask(client), 1, Integer::sum);
                    }
                });
            }
            await().atMost(LONGEST_WAIT).until(() -> statuses.getOrDefault("200 ", 0) > 50);
            postgres.kill();
            int before = statuses.getOrDefault("200 ", 0);
            await().atMost(LONGEST_WAIT).until(() -> statuses.getOrDefault("200 ", 0) > before + 200);
            asking.set(false);
        }
        return statuses;
    }

    private static String ask(RawClient client) {
        var reply = client.get("/records?model=Item", Map.of("Connection-Id", "c0", "Provider-Config-Key", "crm"));
        return reply.status() + " " + reply.code();
    }
}
