package dev.millrace.server;

import dev.millrace.client.MillraceClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Deploys functions that lie among the test's resources. */
final class SyncDeployment {
    private SyncDeployment() {}

    /** Makes the integration {@code crm} and deploys the sync {@code functions/<name>.cjs} of one model to it. */
    static void deploy(MillraceClient client, String name, String model) {
        client.createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        client.deploy(Map.of(
                "flowConfigs",
                List.of(Map.ofEntries(
                        Map.entry("syncName", name),
                        Map.entry("providerConfigKey", "crm"),
                        Map.entry("type", "sync"),
                        Map.entry("models", List.of(model)),
                        Map.entry("runs", "every day"),
                        Map.entry("auto_start", false),
                        Map.entry("track_deletes", false),
                        Map.entry("endpoints", List.of()),
                        Map.entry("fileBody", Map.of("js", code(name), "ts", "")))),
                "reconcile",
                false,
                "debug",
                false,
                "nangoYamlBody",
                "",
                "sdkVersion",
                "0.71.10-zero"));
    }

    /** Deploys the action {@code functions/<name>.cjs} to the integration {@code crm}, which is there. */
    static void deployAction(MillraceClient client, String name) {
        var function = new HashMap<String, Object>(Map.of(
                "syncName",
                name,
                "providerConfigKey",
                "crm",
                "type",
                "action",
                "models",
                List.of(),
                "endpoints",
                List.of(),
                "fileBody",
                Map.of("js", code(name), "ts", "")));
        function.put("runs", null);
        client.deploy(Map.of(
                "flowConfigs",
                List.of(function),
                "reconcile",
                false,
                "debug",
                false,
                "nangoYamlBody",
                "",
                "sdkVersion",
                "0.71.10-zero"));
    }

    /** The code of {@code functions/<name>.cjs}. */
    static String code(String name) {
        var resource = "/functions/" + name + ".cjs";
        try (var in = SyncDeployment.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
