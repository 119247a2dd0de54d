package dev.millrace.server;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Deploys functions whose code a test writes itself, and runs them. */
final class Scripts {
    private final MillraceClient client;
    private final List<Map<String, Object>> functions = new ArrayList<>();

    private Scripts(MillraceClient client) {
        this.client = client;
    }

    /** For the integration {@code crm} that is there. */
    static Scripts on(MillraceClient client) {
        return new Scripts(client);
    }

    /** Makes the integration {@code crm} of a provider without credentials. */
    static Scripts onNew(MillraceClient client) {
        client.createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        return new Scripts(client);
    }

    /** @param body of {@code exec(nango, input)} */
    Scripts action(String name, String body) {
        functions.add(function(name, "action", body));
        return this;
    }

    /** @param body of {@code exec(nango)} of a sync of the model Item */
    Scripts sync(String name, String body) {
        var function = function(name, "sync", body);
        function.put("models", List.of("Item"));
        function.put("runs", "every day");
        function.put("auto_start", false);
        function.put("track_deletes", false);
        functions.add(function);
        return this;
    }

    private static Map<String, Object> function(String name, String type, String body) {
        var function = new LinkedHashMap<String, Object>();
        function.put("syncName", name);
        function.put("providerConfigKey", "crm");
        function.put("type", type);
        function.put("models", List.of("Output"));
        function.put("runs", null);
        function.put("endpoints", List.of());
        var code = "module.exports = { __esModule: true, default: { type: '" + type
                + "', exec: async (nango, input) => {" + body + "} } };";
        function.put("fileBody", Map.of("js", code, "ts", ""));
        return function;
    }

    void deploy() {
        client.deploy(Map.of(
                "flowConfigs",
                functions,
                "reconcile",
                false,
                "debug",
                false,
                "nangoYamlBody",
                "",
                "sdkVersion",
                "0.71.10-zero"));
    }

    ConnectionRef connect(String id, Map<String, ?> credentials, Map<String, ?> metadata) {
        client.importConnection(Map.of(
                "provider_config_key", "crm", "connection_id", id, "credentials", credentials, "metadata", metadata));
        return new ConnectionRef("crm", id);
    }
}
