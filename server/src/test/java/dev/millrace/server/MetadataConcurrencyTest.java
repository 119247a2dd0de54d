package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceException;
import dev.millrace.server.testkit.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

@Tag("slow")
@Timeout(300)
class MetadataConcurrencyTest {
    private static final int WRITERS = 32;
    private static final int WRITES = 10;

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final ConnectionRef C1 = new ConnectionRef("crm", "c1");
    private static final ConnectionRef C2 = new ConnectionRef("crm", "c2");

    @BeforeAll
    static void connect() {
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        for (var ref : List.of(C1, C2)) {
            server.client()
                    .importConnection(Map.of(
                            "provider_config_key", "crm",
                            "connection_id", ref.connection(),
                            "credentials", Map.of("type", "NONE")));
        }
    }

    @BeforeEach
    void empty() {
        server.client().setMetadata(C1, Map.of());
        server.client().setMetadata(C2, Map.of());
    }

    private static JsonNode metadata(ConnectionRef ref) {
        return server.client().connection(ref).path("metadata");
    }

    /** Runs the works at once, as near as threads get to it. */
    private static void together(List<Callable<?>> works) throws Exception {
        var barrier = new CyclicBarrier(works.size());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (var work : works) {
                running.add(threads.submit(() -> {
                    barrier.await();
                    return work.call();
                }));
            }
            for (var done : running) {
                done.get();
            }
        }
    }

    @Test
    void merges_of_many_writers_are_all_kept() throws Exception {
        var works = new ArrayList<Callable<?>>();
        for (int w = 0; w < WRITERS; w++) {
            int writer = w;
            works.add(() -> {
                for (int i = 0; i < WRITES; i++) {
                    server.client().updateMetadata(C1, Map.of("key" + writer + "-" + i, i));
                }
                return null;
            });
        }

        together(works);

        assertThat(metadata(C1).size()).isEqualTo(WRITERS * WRITES);
    }

    @Test
    void writes_to_several_connections_in_opposite_orders_neither_block_nor_mix() throws Exception {
        var works = new ArrayList<Callable<?>>();
        for (int w = 0; w < WRITERS / 2; w++) {
            works.add(several("[\"c1\",\"c2\"]", w));
            works.add(several("[\"c2\",\"c1\"]", w + WRITERS));
        }

        together(works);

        assertThat(metadata(C1)).isEqualTo(metadata(C2));
    }

    private static Callable<?> several(String ids, int writer) {
        return () -> {
            for (int i = 0; i < WRITES; i++) {
                var body = "{\"provider_config_key\":\"crm\",\"connection_id\":%s,\"metadata\":{\"last\":\"%d-%d\"}}"
                        .formatted(ids, writer, i);
                assertThat(server.raw().post("/connections/metadata", body).status())
                        .isEqualTo(201);
            }
            return null;
        };
    }

    @Test
    void a_connection_that_is_missing_leaves_the_others_as_they_are_under_load() throws Exception {
        var works = new ArrayList<Callable<?>>();
        for (int w = 0; w < WRITERS / 2; w++) {
            works.add(several("[\"c2\",\"c1\"]", w));
            works.add(() -> assertThat(
                            server.raw().patch("/connections/metadata", """
                                    {"provider_config_key":"crm","connection_id":["c1","nobody","c2"],
                                     "metadata":{"wrong":1}}""").status())
                    .isEqualTo(404));
        }

        together(works);

        assertThat(metadata(C1)).isEqualTo(metadata(C2));
        assertThat(metadata(C1).has("wrong")).isFalse();
    }

    @Test
    void the_client_tells_what_was_refused() {
        assertThatThrownBy(() -> server.client().setMetadata(new ConnectionRef("crm", "nobody"), Map.of()))
                .isInstanceOf(MillraceException.class)
                .hasMessageContaining("404 unknown_connection");
    }
}
