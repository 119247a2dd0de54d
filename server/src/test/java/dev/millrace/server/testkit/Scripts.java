package dev.millrace.server.testkit;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Deploys functions whose code a test writes itself, and runs them. */
public final class Scripts {
    private final MillraceClient client;
    private final List<Map<String, Object>> functions = new ArrayList<>();

    private Scripts(MillraceClient client) {
        this.client = client;
    }

    /** For the integration {@code crm} that is there. */
    public static Scripts on(MillraceClient client) {
        return new Scripts(client);
    }

    /** Makes the integration {@code crm} of a provider without credentials. */
    public static Scripts onNew(MillraceClient client) {
        client.createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        return new Scripts(client);
    }

    /** @param body of {@code exec(nango, input)} */
    public Scripts action(String name, String body) {
        functions.add(Deployment.action(name, code("action", body)));
        return this;
    }

    /** @param body of {@code exec(nango)} of a sync of the model Item */
    public Scripts sync(String name, String body) {
        functions.add(Deployment.sync(name, List.of("Item"), code("sync", body)));
        return this;
    }

    /** @param body of {@code onWebhook(nango, payload)} of a sync of the model Item that is paused */
    public Scripts webhook(String name, List<String> subscriptions, String body) {
        var function = Deployment.sync(name, List.of("Item"), """
                module.exports = { __esModule: true, default: { type: 'sync', exec: async (nango) => {},
                  onWebhook: async (nango, payload) => { %s } } };""".formatted(body));
        function.put("webhookSubscriptions", subscriptions);
        functions.add(function);
        return this;
    }

    private static String code(String type, String body) {
        return "module.exports = { __esModule: true, default: { type: '" + type + "', exec: async (nango, input) => {"
                + body + "} } };";
    }

    public void deploy() {
        client.deploy(Deployment.adding(functions));
    }

    public ConnectionRef connect(String id, Map<String, ?> credentials, Map<String, ?> metadata) {
        client.importConnection(Map.of(
                "provider_config_key", "crm", "connection_id", id, "credentials", credentials, "metadata", metadata));
        return new ConnectionRef("crm", id);
    }
}
