package dev.millrace.client;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The REST API of a Millrace server.
 *
 * <pre>{@code
 * var client = MillraceClient.of(URI.create("http://127.0.0.1:3003"), secretKey);
 * var acme = new ConnectionRef("hubspot", "customer-42");
 *
 * client.setMetadata(acme, Map.of("fieldMapping", Map.of("plan", "cf_plan")));
 * client.startSync(acme, List.of("contacts"));
 *
 * var page = client.records(acme, "Contact", Optional.empty(), 100);
 * }</pre>
 *
 * A body may be anything that Jackson writes as a JSON object: a map, a record, a node. An error response is thrown as
 * {@link MillraceException}. Immutable and thread-safe; close it to release its connections.
 */
public final class MillraceClient implements AutoCloseable {
    private final Transport transport;

    private MillraceClient(Transport transport) {
        this.transport = transport;
    }

    /** A client of the environment to which the key belongs. */
    public static MillraceClient of(URI server, String secretKey) {
        return new MillraceClient(new Transport(server, secretKey));
    }

    /** The same client, with a listener that is called before each request. */
    public MillraceClient listening(Consumer<ApiCall> listener) {
        return new MillraceClient(transport.listening(listener));
    }

    /** An integration by its unique key; empty when there is none. */
    public Optional<JsonNode> integration(String uniqueKey) {
        try {
            return Optional.of(get("/integrations/" + encode(uniqueKey)).path("data"));
        } catch (MillraceException e) {
            if (e.status() == 404) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Creates an integration from {@code provider}, {@code unique_key} and whatever the provider requires. */
    public JsonNode createIntegration(Object integration) {
        return post("/integrations", integration).path("data");
    }

    /** Changes the given fields of an integration. */
    public JsonNode updateIntegration(String uniqueKey, Object changes) {
        return send("PATCH", "/integrations/" + encode(uniqueKey), changes).path("data");
    }

    /** Imports a connection with its credentials; replaces one with the same id. */
    public JsonNode importConnection(Object connection) {
        return post("/connections", connection);
    }

    /** Creates a Connect session: {@code token} and {@code connect_link} of the page where a customer connects. */
    public JsonNode createConnectSession(Object session) {
        return post("/connect/sessions", session).path("data");
    }

    /** A connection with fresh credentials. */
    public JsonNode connection(ConnectionRef ref) {
        return get(path(ref));
    }

    /** All connections, newest first. */
    public List<JsonNode> connections() {
        return get("/connections").path("connections").valueStream().toList();
    }

    /** Deletes a connection, its syncs and its records. */
    public void deleteConnection(ConnectionRef ref) {
        call("DELETE", path(ref), Map.of(), null);
    }

    /** Replaces the metadata of a connection. */
    public void setMetadata(ConnectionRef ref, Object metadata) {
        post("/connections/metadata", metadata(ref, metadata));
    }

    /** Merges top-level keys into the metadata of a connection. */
    public void updateMetadata(ConnectionRef ref, Object metadata) {
        send("PATCH", "/connections/metadata", metadata(ref, metadata));
    }

    /** The metadata of one connection, with versions, patches and history. */
    public ConnectionMetadata metadata(ConnectionRef ref) {
        return new ConnectionMetadata(transport, ref, OptionalLong.empty());
    }

    /**
     * The connections of an integration whose metadata has all these values, newest first.
     *
     * @param values by path; each path is named in the integration's {@code metadata_index}
     */
    public List<JsonNode> findConnections(String integration, Map<String, String> values) {
        var query = new StringBuilder("?integrationId=").append(encode(integration));
        values.forEach((path, value) ->
                query.append("&metadata%5B").append(encode(path)).append("%5D=").append(encode(value)));
        return get("/connections" + query).path("connections").valueStream().toList();
    }

    /** The settings of the environment. */
    public JsonNode settings() {
        return get("/environment/settings").get("data");
    }

    /** Changes the given settings of the environment; returns all of them. */
    public JsonNode changeSettings(Object changes) {
        return send("PATCH", "/environment/settings", changes).get("data");
    }

    /** The variables of the environment by name. */
    public Map<String, String> variables() {
        return variables(get("/environment-variables"));
    }

    /**
     * Changes some variables of the environment; returns all of them.
     *
     * @param changes by name; an empty value removes the variable
     */
    public Map<String, String> changeVariables(Map<String, Optional<String>> changes) {
        var body = changes.entrySet().stream()
                .map(change -> {
                    var item = new LinkedHashMap<String, @Nullable Object>();
                    item.put("name", change.getKey());
                    item.put("value", change.getValue().orElse(null));
                    return item;
                })
                .toList();
        return variables(send("PATCH", "/environment-variables", body));
    }

    private static Map<String, String> variables(JsonNode list) {
        var variables = new LinkedHashMap<String, String>();
        list.forEach(item ->
                variables.put(item.path("name").asString(""), item.path("value").asString("")));
        return variables;
    }

    private static Map<String, Object> metadata(ConnectionRef ref, Object metadata) {
        var body = new LinkedHashMap<String, Object>();
        body.put("connection_id", ref.connection());
        body.put("provider_config_key", ref.integration());
        body.put("metadata", metadata);
        return body;
    }

    /** Runs an action and returns its output. */
    public JsonNode triggerAction(ConnectionRef ref, String action, Object input) {
        var body = new LinkedHashMap<String, Object>();
        body.put("action_name", action);
        body.put("input", input);
        return call("POST", "/action/trigger", headers(ref), body);
    }

    /** Deploys compiled functions; the body is what {@code POST /sync/deploy} takes. */
    public JsonNode deploy(Object deployment) {
        return post("/sync/deploy", deployment);
    }

    /** Starts syncs; the first run begins now. */
    public void startSync(ConnectionRef ref, List<String> syncs) {
        post("/sync/start", syncs(ref, syncs));
    }

    /** Pauses syncs. */
    public void pauseSync(ConnectionRef ref, List<String> syncs) {
        post("/sync/pause", syncs(ref, syncs));
    }

    /** Runs syncs now. */
    public void triggerSync(ConnectionRef ref, List<String> syncs) {
        post("/sync/trigger", syncs(ref, syncs));
    }

    private static Map<String, Object> syncs(ConnectionRef ref, List<String> syncs) {
        var body = new LinkedHashMap<String, Object>();
        body.put("provider_config_key", ref.integration());
        body.put("connection_id", ref.connection());
        body.put("syncs", syncs);
        return body;
    }

    /** The status of syncs, in the requested order. */
    public List<SyncStatus> syncStatus(ConnectionRef ref, List<String> syncs) {
        var query = "?syncs=" + encode(String.join(",", syncs)) + "&provider_config_key=" + encode(ref.integration())
                + "&connection_id=" + encode(ref.connection());
        return get("/sync/status" + query)
                .path("syncs")
                .valueStream()
                .map(SyncStatus::of)
                .toList();
    }

    /** The records of a model changed after the cursor; all records without one. */
    public RecordPage records(ConnectionRef ref, String model, Optional<String> cursor, int limit) {
        var query = "?model=" + encode(model) + "&limit=" + limit
                + cursor.map(c -> "&cursor=" + encode(c)).orElse("");
        var page = call("GET", "/records" + query, headers(ref), null);
        return new RecordPage(
                page.path("records").valueStream().toList(),
                page.path("next_cursor").asStringOpt());
    }

    private static String path(ConnectionRef ref) {
        return "/connections/" + encode(ref.connection()) + "?provider_config_key=" + encode(ref.integration());
    }

    private static Map<String, String> headers(ConnectionRef ref) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Provider-Config-Key", ref.integration());
        headers.put("Connection-Id", ref.connection());
        return headers;
    }

    private JsonNode get(String path) {
        return call("GET", path, Map.of(), null);
    }

    private JsonNode post(String path, Object body) {
        return send("POST", path, body);
    }

    private JsonNode send(String method, String path, Object body) {
        return call(method, path, Map.of(), body);
    }

    private JsonNode call(String method, String path, Map<String, String> headers, @Nullable Object body) {
        var text = Optional.ofNullable(body).map(Transport.JSON::writeValueAsString);
        return transport.send(new ApiCall(method, path, headers, text));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        transport.close();
    }
}
