package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Deploys small functions to the integration {@code crm} and looks at what became of them. */
public final class DeployedFunctions {
    public static final String FUNCTIONS = "/integrations/crm/functions";

    private final TestServer server;

    public DeployedFunctions(TestServer server) {
        this.server = server;
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        server.client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", "c1", "credentials", Map.of("type", "NONE")));
    }

    /** An action that returns a text. */
    public static Map<String, Object> action(String name, String returned) {
        var function = Deployment.action(name, "");
        function.put("input", "ActionInput_crm_" + name);
        function.put("metadata", Map.of("description", "Says " + returned, "scopes", List.of("read")));
        function.put("fileBody", code("action", "async () => " + RawClient.JSON.writeValueAsString(returned)));
        return function;
    }

    /** A sync that does nothing. */
    public static Map<String, Object> sync(String name, String runs, String model) {
        var function = Deployment.sync(name, List.of(model), "");
        function.put("models_json_schema", Map.of("definitions", Map.of(model, Map.of("type", "object"))));
        function.put("runs", runs);
        function.put("fileBody", code("sync", "async () => { /* " + runs + " */ }"));
        return function;
    }

    private static Map<String, String> code(String type, String exec) {
        return Map.of(
                "js",
                "\"use strict\";\nexports.default = { type: \"" + type + "\", exec: " + exec + " };\n",
                "ts",
                "// source of " + exec);
    }

    /** Deploys these and removes all others. */
    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    public final RawClient.Reply deploy(Map<String, Object>... functions) {
        return deploy("repo", "all", functions);
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    public final RawClient.Reply deploy(String source, String mode, Map<String, Object>... functions) {
        var body = Deployment.replacing(Arrays.asList(functions));
        body.put("deployMode", mode);
        body.put("source", source);
        return server.raw().post("/sync/deploy", RawClient.JSON.writeValueAsString(body));
    }

    /** What an action returns on the connection {@code c1}. */
    public String run(String action) {
        var headers = Map.of("Provider-Config-Key", "crm", "Connection-Id", "c1", "Content-Type", "application/json");
        var reply = server.raw()
                .send(
                        "POST",
                        "/action/trigger",
                        headers,
                        java.net.http.HttpRequest.BodyPublishers.ofString("{\"action_name\":\"" + action + "\"}"));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().asString();
    }

    public RawClient.Reply rollback(String name, String body) {
        return server.raw().post(FUNCTIONS + "/" + name + "/rollback", body);
    }

    /** The kept versions, the one in service first. */
    public List<JsonNode> versions(String name) {
        var reply = server.raw().get(FUNCTIONS + "/" + name + "/versions");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().path("data").valueStream().toList();
    }

    public JsonNode syncStatus(String name) {
        var reply = server.raw().get("/sync/status?syncs=" + name + "&provider_config_key=crm&connection_id=c1");
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().path("syncs").path(0);
    }

    /** The first column of a query. */
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
