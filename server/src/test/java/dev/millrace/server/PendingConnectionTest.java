package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A connection whose app somebody else has to approve. */
class PendingConnectionTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    @Test
    void it_has_no_syncs_until_it_is_authorised_again_after_the_approval() {
        var scripts = Scripts.onNew(server.client()).sync("steps", "return;");
        scripts.deploy();
        store("waits", Map.of("pending", true));
        store("approved", Map.of("pending", false));

        // A deploy gives syncs to the connections that lack them.
        scripts.deploy();

        assertThat(connectionsWithSyncs()).containsExactly("approved");
        store("waits", Map.of());
        assertThat(connectionsWithSyncs()).containsExactly("approved", "waits");
    }

    private static void store(String id, Map<String, ?> config) {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        "crm",
                        "connection_id",
                        id,
                        "credentials",
                        Map.of("type", "NONE"),
                        "connection_config",
                        config));
    }

    private static List<String> connectionsWithSyncs() {
        return TestDatabase.rows(
                server.databaseUrl(),
                "SELECT c.connection_id FROM connection c JOIN sync s ON s.connection_id = c.id"
                        + " WHERE s.deleted_at IS NULL ORDER BY 1");
    }
}
