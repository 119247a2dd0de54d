package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Functions of {@code createFunction} for the integration {@code crm}, as the official CLI deploys them. */
public final class BundleProject {
    private final ArrayNode functions = RawClient.JSON.createArrayNode();

    /** One function. */
    public static final class Definition {
        private final ObjectNode sent;

        private Definition(ObjectNode sent) {
            this.sent = sent;
        }

        /** @param json such as {@code {"kind": "http"}} */
        public Definition trigger(String json) {
            sent.set("trigger", RawClient.JSON.readTree(json));
            return this;
        }

        /** @param schema of its input */
        public Definition input(String schema) {
            sent.put("input_schema_ref", "#/definitions/In");
            ((ObjectNode) sent.at("/json_schema/definitions")).set("In", RawClient.JSON.readTree(schema));
            return this;
        }

        /** Its runs on a connection are executed one after the other. */
        public Definition serial() {
            ((ObjectNode) sent.at("/limits/concurrency")).put("perConnection", 1);
            return this;
        }

        /** It uses metadata, checkpoints and the model {@code Item}. */
        public Definition stateful() {
            var definitions = (ObjectNode) sent.at("/json_schema/definitions");
            for (var name : new String[] {"Meta", "Point", "Item"}) {
                definitions.putObject(name).put("type", "object");
            }
            sent.put("metadata_schema_ref", "#/definitions/Meta").put("checkpoint_schema_ref", "#/definitions/Point");
            ((ArrayNode) sent.path("model_schema_refs")).add("#/definitions/Item");
            ((ObjectNode) sent.path("capabilities"))
                    .put("usesMetadata", true)
                    .put("usesCheckpoints", true)
                    .put("usesRecords", true);
            return this;
        }
    }

    /** Adds a function; {@code exec} is its body, with {@code nango} and {@code trigger}. */
    public Definition function(String name, String exec) {
        var sent = functions
                .addObject()
                .put("name", name)
                .put("integrationId", "crm")
                .put("description", "");
        sent.putObject("trigger").put("kind", "http");
        sent.putObject("requires").put("connection", true).put("outbound", true).put("invoke", false);
        sent.putObject("capabilities")
                .put("usesRecords", false)
                .put("usesCheckpoints", false)
                .put("usesMetadata", false)
                .put("usesOutbound", true)
                .put("usesInvoke", false);
        sent.putObject("limits").putObject("concurrency").put("perConnection", "max");
        for (var ref : new String[] {"input", "output", "metadata", "checkpoint"}) {
            sent.putNull(ref + "_schema_ref");
        }
        sent.putArray("model_schema_refs");
        sent.putObject("json_schema").putObject("definitions");
        sent.putObject("fileBody")
                .put(
                        "js",
                        "module.exports = { __esModule: true, default: { type: 'function', exec: async (nango, trigger) => {"
                                + exec + "} } };")
                .put("ts", "// " + name);
        return new Definition(sent);
    }

    /** Deploys all functions and removes others. */
    public void deploy(RawClient server) {
        var body = RawClient.JSON.createObjectNode();
        body.putObject("reconciliationScope").put("kind", "environment");
        body.set("functions", functions);
        var reply = server.post("/functions/deployments/bundle", body.toString());
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    /** @param headers further ones, as name and value in turn */
    public static RawClient.Reply invoke(
            RawClient server, String function, String connection, String type, String input, String... headers) {
        var body = "{\"name\":\"%s\",\"integration_id\":\"crm\",\"connection_id\":\"%s\",\"invocation_type\":\"%s\"%s}"
                .formatted(function, connection, type, input.isEmpty() ? "" : ",\"input\":" + input);
        var all = new LinkedHashMap<>(Map.of("Content-Type", "application/json"));
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], headers[i + 1]);
        }
        return server.send("POST", "/functions/invocations", all, BodyPublishers.ofString(body));
    }

    /** The output on a connection. */
    public static RawClient.Reply call(RawClient server, String function, String connection, String input) {
        return invoke(server, function, connection, "wait", input);
    }

    /** The id of a call that is accepted. */
    public static String accept(RawClient server, String function, String connection, String input) {
        var reply = invoke(server, function, connection, "no_wait", input);
        assertThat(reply.status()).as(reply.toString()).isEqualTo(202);
        return reply.json().path("id").asString();
    }
}
