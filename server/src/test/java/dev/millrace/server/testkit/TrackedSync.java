package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** The sync {@code functions/tracked.cjs}: asks for metadata, and may wait for them before it starts. */
public final class TrackedSync {
    public static final int TOTAL = 300;

    private static final String MODEL = "SyncMetadata_crm_tracked";
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private final TestServer server;

    public TrackedSync(TestServer server) {
        this.server = server;
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
    }

    public void deploy(boolean startWhenConfigured) {
        var settings = Map.of(
                "type",
                "object",
                "additionalProperties",
                false,
                "startWhenConfigured",
                startWhenConfigured,
                "required",
                List.of("mock", "total", "evenOnly"),
                "properties",
                Map.of(
                        "mock", Map.of("type", "string", "format", "uri", "description", "Where items are"),
                        "total", Map.of("type", "integer", "minimum", 1),
                        "evenOnly", Map.of("type", "boolean", "default", false)));
        var function = Deployment.sync("tracked", List.of("Item"), Deployment.code("tracked"));
        function.put("input", MODEL);
        function.put("models_json_schema", Map.of("definitions", Map.of("Item", Map.of(), MODEL, settings)));
        server.client().deploy(Deployment.replacing(List.of(function)));
    }

    public void connect(String id, Map<String, ?> metadata) {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        "crm",
                        "connection_id",
                        id,
                        "credentials",
                        Map.of("type", "NONE"),
                        "metadata",
                        metadata));
    }

    public RawClient.Reply setMetadata(String id, Map<String, ?> metadata) {
        var body = RawClient.JSON.writeValueAsString(
                Map.of("connection_id", id, "provider_config_key", "crm", "metadata", metadata));
        return server.raw().post("/connections/metadata", body);
    }

    public void set(String setting, String value) {
        var reply = server.raw().patch("/environment/settings", "{\"" + setting + "\": \"" + value + "\"}");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    public void command(String command, String id) {
        var reply = server.raw()
                .post(
                        "/sync/" + command,
                        "{\"syncs\": [\"tracked\"], \"provider_config_key\": \"crm\", \"connection_id\": \"" + id
                                + "\"}");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    public JsonNode status(String id) {
        var reply = server.raw().get("/sync/status?syncs=tracked&provider_config_key=crm&connection_id=" + id);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().path("syncs").path(0);
    }

    public JsonNode awaitStatus(String id, Predicate<JsonNode> wanted) {
        return await().atMost(LONGEST_WAIT).pollInterval(Duration.ofMillis(50)).until(() -> status(id), wanted);
    }

    /** Waits until all items are there and the run has ended well. */
    public JsonNode awaitAll(String id) {
        return awaitStatus(
                id,
                s -> s.path("latestExecutionStatus").asString("").equals("SUCCESS")
                        && s.path("recordCount").path("Item").asInt(0) == TOTAL);
    }
}
