package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceException;
import dev.millrace.server.testkit.TestServer;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Metadata through the Java client. */
@Timeout(300)
class MetadataClientTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final ConnectionRef C1 = new ConnectionRef("crm", "c1");

    @BeforeAll
    static void integrate() {
        server.client()
                .createIntegration(Map.of(
                        "provider", "unauthenticated", "unique_key", "crm", "metadata_index", List.of("region")));
    }

    @BeforeEach
    void connect() {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", "c1", "credentials", Map.of("type", "NONE")));
    }

    @Test
    void changes_of_all_kinds() {
        var metadata = server.client().metadata(C1);

        metadata.set(Map.of("region", "emea", "map", Map.of("a", 1)));
        metadata.update(Map.of("price", new BigDecimal("1.10")));
        metadata.mergePatch(Map.of("map", Map.of("b", 2)));
        var last = metadata.jsonPatch(List.of(Map.of("op", "remove", "path", "/map/a")));

        assertThat(last).isEqualTo(metadata.read());
        assertThat(last.object().path("map").toString()).isEqualTo("{\"b\":2}");
        assertThat(last.object().path("price").toString()).isEqualTo("1.10");
        assertThat(metadata.read("/map/b").orElseThrow().asInt()).isEqualTo(2);
        assertThat(metadata.read("/map/c")).isEmpty();
        assertThat(server.client().findConnections("crm", Map.of("region", "emea")))
                .extracting(c -> c.path("connection_id").asString())
                .containsExactly("c1");
    }

    @Test
    void compare_and_set() {
        var metadata = server.client().metadata(C1);
        var seen = metadata.read();

        var next = metadata.ifVersion(seen.version()).set(Map.of("n", 1));

        assertThat(next.version()).isEqualTo(seen.version() + 1);
        assertThatThrownBy(() -> metadata.ifVersion(seen.version()).set(Map.of("n", 2)))
                .isInstanceOfSatisfying(MillraceException.class, e -> {
                    assertThat(e.status()).isEqualTo(412);
                    assertThat(e.code()).isEqualTo("metadata_conflict");
                });
    }

    @Test
    void history_and_restore() {
        var metadata = server.client().metadata(C1);
        var first = metadata.set(Map.of("n", 1));
        metadata.delete("/n");
        metadata.delete();

        var page = metadata.history(2);
        assertThat(page.versions()).hasSize(2);
        assertThat(page.versions().getFirst().version()).isEqualTo(first.version() + 2);
        assertThat(metadata.history(1, page.nextCursor().orElseThrow())
                        .versions()
                        .getFirst()
                        .version())
                .isEqualTo(first.version());
        assertThat(metadata.version(first.version())).isEqualTo(first.object());
        assertThat(metadata.restore(first.version()).object()).isEqualTo(first.object());
    }

    @Test
    void settings() {
        var changed = server.client().changeSettings(Map.of("metadata_history_days", 30));

        assertThat(changed).isEqualTo(server.client().settings());
        assertThat(changed.path("metadata_history_days").asInt()).isEqualTo(30);
    }
}
