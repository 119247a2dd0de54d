package dev.millrace.server.testkit;

import dev.millrace.client.MillraceClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Deploys event functions whose code a test writes itself to the integration {@code crm}. */
public final class EventFunctions {
    private final List<Map<String, Object>> scripts = new ArrayList<>();

    /** @param body of {@code exec(nango)} */
    public EventFunctions on(String event, String name, String body) {
        var code = "module.exports = { __esModule: true, default: { type: 'onEvent', event: '" + event
                + "', exec: async (nango) => {" + body + "} } };";
        scripts.add(Map.of("name", name, "event", event, "fileBody", Map.of("js", code, "ts", "")));
        return this;
    }

    /** @param functions deployed together with them */
    public void deploy(MillraceClient client, List<Map<String, Object>> functions) {
        var body = Deployment.adding(functions);
        body.put("onEventScriptsByProvider", List.of(Map.of("providerConfigKey", "crm", "scripts", scripts)));
        client.deploy(body);
    }
}
