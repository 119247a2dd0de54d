package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.MillraceClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The action {@code functions/probe.cjs}: does what its input says. */
public final class ProbeAction {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private ProbeAction() {}

    /** Makes the integration {@code crm} and deploys the action to it. */
    public static void deploy(MillraceClient client) {
        deploy(client, Map.of("ActionInput_crm_probe", Map.of(), "ActionOutput_crm_probe", Map.of()));
    }

    /** @param models the schemas of its input and output, called {@code Action…put_crm_probe} */
    public static void deploy(MillraceClient client, Map<String, ?> models) {
        client.createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        var function = Deployment.action("probe", Deployment.code("probe"));
        function.put("input", "ActionInput_crm_probe");
        function.put("models_json_schema", Map.of("definitions", models));
        client.deploy(Deployment.adding(List.of(function)));
    }

    public static void connect(MillraceClient client, String id) {
        client.importConnection(
                Map.of("provider_config_key", "crm", "connection_id", id, "credentials", Map.of("type", "NONE")));
    }

    /** @param headers further ones, as name and value in turn */
    public static RawClient.Reply trigger(RawClient server, String connection, String input, String... headers) {
        return call(server, connection, "{\"action_name\": \"probe\", \"input\": " + input + "}", headers);
    }

    public static RawClient.Reply call(RawClient server, String connection, String body, String... headers) {
        var all = new LinkedHashMap<>(
                Map.of("Content-Type", "application/json", "Provider-Config-Key", "crm", "Connection-Id", connection));
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], headers[i + 1]);
        }
        return server.send("POST", "/action/trigger", all, BodyPublishers.ofString(body));
    }

    /** The id under which the result will be found. */
    public static String triggerAsync(RawClient server, String connection, String input, int retries) {
        var reply = trigger(server, connection, input, "X-Async", "true", "X-Max-Retries", String.valueOf(retries));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(202);
        var id = reply.json().path("id").asString();
        assertThat(reply.json().path("statusUrl").asString()).isEqualTo("/action/" + id);
        assertThat(reply.headers().firstValue("Location")).contains("/action/" + id);
        return id;
    }

    /** The final result, once it is there. */
    public static RawClient.Reply result(RawClient server, String id) {
        return await().atMost(LONGEST_WAIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> server.get("/action/" + id), reply -> reply.status() != 404);
    }

    /** Input for a call of this address of the mock. */
    public static String get(MockApi mock, String what, String path) {
        return "{\"do\": \"" + what + "\", \"base\": \"" + mock.url() + "\", \"path\": \"" + path + "\"}";
    }

    public static JsonNode error(RawClient.Reply reply) {
        return reply.json().path("error");
    }
}
