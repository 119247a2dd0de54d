package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The sync {@code functions/shelf.cjs}: saves as many records as the metadata say and may delete the others. */
public final class ShelfSync {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private final TestServer server;

    public ShelfSync(TestServer server) {
        this.server = server;
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
    }

    /** One function with the model Item. */
    public static Map<String, Object> function(String name) {
        return function(name, Map.of("Item", Map.of()));
    }

    /** @param models their schemas by name */
    public static Map<String, Object> function(String name, Map<String, ?> models) {
        var function = Deployment.sync(name, List.copyOf(models.keySet()), Deployment.code("shelf"));
        function.put("models_json_schema", Map.of("definitions", models));
        return function;
    }

    /** Deploys these functions and removes all others. */
    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    public final RawClient.Reply deploy(Map<String, Object>... functions) {
        var body = Deployment.replacing(Arrays.asList(functions));
        return server.raw().post("/sync/deploy", RawClient.JSON.writeValueAsString(body));
    }

    public void connect(String id) {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", id, "credentials", Map.of("type", "NONE")));
    }

    /** A run that saves so many records; answers the sync's status after it. */
    public JsonNode run(String connection, String sync, Map<String, ?> metadata) {
        return run(connection, sync, metadata, "{}");
    }

    public JsonNode run(String connection, String sync, Map<String, ?> metadata, String options) {
        var set = RawClient.JSON.writeValueAsString(
                Map.of("connection_id", connection, "provider_config_key", "crm", "metadata", metadata));
        assertThat(server.raw().post("/connections/metadata", set).status()).isEqualTo(201);
        var before = status(connection, sync).path("finishedAt").asString("");
        var trigger = server.raw()
                .post(
                        "/sync/trigger",
                        "{\"syncs\": [\"" + sync + "\"], \"provider_config_key\": \"crm\", \"connection_id\": \""
                                + connection + "\", \"opts\": " + options + "}");
        assertThat(trigger.status()).as(trigger.toString()).isEqualTo(200);
        return await().atMost(LONGEST_WAIT)
                .pollInterval(Duration.ofMillis(30))
                .until(
                        () -> status(connection, sync),
                        s -> !s.path("finishedAt").asString("").isEmpty()
                                && !s.path("finishedAt").asString("").equals(before));
    }

    public JsonNode status(String connection, String sync) {
        var reply =
                server.raw().get("/sync/status?syncs=" + sync + "&provider_config_key=crm&connection_id=" + connection);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().path("syncs").path(0);
    }

    public JsonNode records(String connection, String query) {
        var reply = server.raw()
                .get(
                        "/records?model=Item&limit=1000" + query,
                        Map.of("Provider-Config-Key", "crm", "Connection-Id", connection));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().path("records");
    }

    /** What is really there: {@code connection/model: records}. */
    public List<String> datasets() {
        return texts("""
                SELECT c.connection_id || '/' || d.model || ': ' ||
                       (SELECT count(*) FROM record r WHERE r.dataset_id = d.dataset_id)
                  FROM dataset d JOIN connection c ON c.id = d.connection_id
                 ORDER BY 1
                """);
    }

    /** Makes a past that cannot be waited for. */
    public void update(String sql) {
        try (var connection = DriverManager.getConnection(server.databaseUrl())) {
            connection.createStatement().executeUpdate(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public List<String> texts(String query) {
        try (var connection = DriverManager.getConnection(server.databaseUrl());
                var rows = connection.createStatement().executeQuery(query)) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
