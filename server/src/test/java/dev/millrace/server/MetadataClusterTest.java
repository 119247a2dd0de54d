package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.SentEvents;
import dev.millrace.server.testkit.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many writers at two servers on one database. */
@Tag("slow")
@Timeout(300)
class MetadataClusterTest {
    private static final int WRITERS = 32;
    private static final int WRITES = 6;

    private static final List<TestServer> SERVERS = new ArrayList<>();

    @BeforeAll
    static void start() {
        SERVERS.add(TestServer.start());
        SERVERS.getFirst().client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        SERVERS.getFirst()
                .raw()
                .patch(
                        "/environment/settings",
                        "{\"metadata_history_versions\":1000,\"webhooks\":{\"on_metadata_change\":true}}");
        // Started last, because a running server would use the earlier settings for up to a second.
        SERVERS.add(SERVERS.getFirst().startPeer());
    }

    @AfterAll
    static void stop() {
        SERVERS.reversed().forEach(TestServer::close);
    }

    private static ConnectionRef connect(String id) {
        SERVERS.getFirst()
                .client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", id, "credentials", Map.of("type", "NONE")));
        return new ConnectionRef("crm", id);
    }

    private static TestServer server(int writer) {
        return SERVERS.get(writer % SERVERS.size());
    }

    private static <T> List<T> together(List<Callable<T>> works) throws Exception {
        var barrier = new CyclicBarrier(works.size());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<T>>();
            for (var work : works) {
                running.add(threads.submit(() -> {
                    barrier.await();
                    return work.call();
                }));
            }
            var results = new ArrayList<T>();
            for (var done : running) {
                results.add(done.get());
            }
            return results;
        }
    }

    @Test
    void no_change_is_lost_and_versions_have_no_gaps() throws Exception {
        var ref = connect("many");
        var works = new ArrayList<Callable<Integer>>();
        for (int w = 0; w < WRITERS; w++) {
            int writer = w;
            works.add(() -> {
                for (int i = 0; i < WRITES; i++) {
                    server(writer).client().updateMetadata(ref, Map.of("key" + writer + "-" + i, i));
                }
                return writer;
            });
        }

        together(works);

        int newest = 1 + WRITERS * WRITES;
        assertThat(server(1).client().connection(ref).path("metadata").size()).isEqualTo(WRITERS * WRITES);
        assertThat(history("many"))
                .containsExactlyElementsOf(LongStream.rangeClosed(1, newest)
                        .map(v -> newest + 1 - v)
                        .boxed()
                        .toList());
        assertThat(told("many"))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, newest).boxed().toList());
    }

    private static List<Long> history(String id) {
        var versions = new ArrayList<Long>();
        var cursor = "";
        do {
            var page = server(0)
                    .raw()
                    .get("/connections/" + id + "/metadata/history?provider_config_key=crm&limit=100" + cursor)
                    .json();
            page.path("history").forEach(v -> versions.add(v.path("version").asLong()));
            cursor = page.path("next_cursor")
                    .asStringOpt()
                    .map(c -> "&cursor=" + c)
                    .orElse("");
        } while (!cursor.isEmpty());
        return versions;
    }

    /** The versions that applications are told of, in the order in which they hear of them. */
    private static List<Long> told(String id) {
        return SentEvents.of(server(0)).stream()
                .map(RawClient.JSON::readTree)
                .filter(body -> body.path("type").asString().equals("metadata")
                        && body.path("connectionId").asString().equals(id))
                .map(body -> body.path("version").asLong())
                .toList();
    }

    @Test
    void of_many_who_expect_the_same_version_one_wins() throws Exception {
        connect("race");

        var statuses = together(IntStream.range(0, 16)
                .<Callable<Integer>>mapToObj(writer -> () -> server(writer)
                        .raw()
                        .send(
                                "POST",
                                "/connections/race/metadata?provider_config_key=crm",
                                Map.of("Content-Type", "application/json", "If-Match", "\"1\""),
                                BodyPublishers.ofString("{\"winner\":" + writer + "}"))
                        .status())
                .toList());

        assertThat(statuses).filteredOn(s -> s == 201).hasSize(1);
        assertThat(statuses).filteredOn(s -> s == 412).hasSize(15);
        assertThat(history("race")).containsExactly(2L, 1L);
    }

    @Test
    void first_metadata_of_one_connection_from_many_sides_is_all_kept() throws Exception {
        var ref = connect("first");
        try (var connection = DriverManager.getConnection(server(0).databaseUrl());
                var statement = connection.createStatement()) {
            // As a connection is that nobody has given metadata to.
            statement.executeUpdate("""
                    DELETE FROM metadata m USING connection c
                     WHERE c.id = m.connection_id AND c.connection_id = 'first'""");
            statement.executeUpdate("""
                    DELETE FROM metadata_history m USING connection c
                     WHERE c.id = m.connection_id AND c.connection_id = 'first'""");
        }

        together(IntStream.range(0, 16)
                .<Callable<Boolean>>mapToObj(writer -> () -> {
                    server(writer).client().updateMetadata(ref, Map.of("k" + writer, 1));
                    return true;
                })
                .toList());

        assertThat(server(0).client().connection(ref).path("metadata").size()).isEqualTo(16);
        assertThat(history("first")).startsWith(16L).hasSize(16);
    }

    @Test
    void several_connections_in_opposite_orders_at_two_servers() throws Exception {
        var a = connect("a");
        var b = connect("b");
        var works = new ArrayList<Callable<Boolean>>();
        for (int w = 0; w < WRITERS / 2; w++) {
            int writer = w;
            var ids = w % 4 < 2 ? "[\"a\",\"b\"]" : "[\"b\",\"a\"]";
            works.add(() -> {
                for (int i = 0; i < WRITES; i++) {
                    var body = "{\"provider_config_key\":\"crm\",\"connection_id\":%s,\"metadata\":{\"k%d\":%d}}"
                            .formatted(ids, writer, i);
                    assertThat(server(writer)
                                    .raw()
                                    .patch("/connections/metadata", body)
                                    .status())
                            .isEqualTo(200);
                }
                return true;
            });
        }

        together(works);

        assertThat(server(0).client().connection(a).path("metadata"))
                .isEqualTo(server(1).client().connection(b).path("metadata"));
        assertThat(history("a")).hasSize(1 + WRITERS / 2 * WRITES).isEqualTo(history("b"));
    }
}
