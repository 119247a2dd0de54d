package dev.millrace.server.testkit;

import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceClient;
import dev.millrace.client.RecordPage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/** The sync {@code functions/contacts.cjs}: pages through the mock's items and keeps a checkpoint. */
public final class ContactSync {
    public static final int TOTAL = 3_000;

    private static final String NAME = "contacts";
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private ContactSync() {}

    /** Makes the integration {@code crm} and deploys the sync to it. */
    public static void deploy(MillraceClient client) {
        Deployment.ofSync(client, NAME, "Contact");
    }

    public static ConnectionRef connect(MillraceClient client, String id, MockApi mock) {
        client.importConnection(Map.of(
                "provider_config_key",
                "crm",
                "connection_id",
                id,
                "credentials",
                Map.of("type", "NONE"),
                "metadata",
                Map.of("mock", mock.url(), "total", TOTAL)));
        return new ConnectionRef("crm", id);
    }

    public static void trigger(MillraceClient client, ConnectionRef connection) {
        client.triggerSync(connection, List.of(NAME));
    }

    /** Waits until all records are there and the run has ended well. */
    public static void awaitEnd(MillraceClient client, ConnectionRef connection) {
        await().atMost(LONGEST_WAIT).pollInterval(Duration.ofMillis(100)).until(() -> {
            var status = client.syncStatus(connection, List.of(NAME)).getFirst();
            return !status.isRunning()
                    && status.finishedAt().isPresent()
                    && status.recordCount().path("Contact").intValue() == TOTAL;
        });
    }

    /** Payloads by id, without what the platform adds. */
    public static SortedMap<String, String> records(MillraceClient client, ConnectionRef connection) {
        var records = new TreeMap<String, String>();
        var cursor = Optional.<String>empty();
        do {
            RecordPage page = client.records(connection, "Contact", cursor, 1_000);
            for (var record : page.records()) {
                var payload = (ObjectNode) record.deepCopy();
                payload.remove("_nango_metadata");
                records.put(record.path("id").asString(), payload.toString());
            }
            cursor = page.nextCursor();
        } while (cursor.isPresent());
        return records;
    }
}
