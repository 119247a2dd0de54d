package dev.millrace.server.testkit;

import dev.millrace.client.MillraceClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Deploys to the integration {@code crm}, in the words of the official CLI. */
public final class Deployment {
    private Deployment() {}

    /** Makes the integration and deploys the sync {@code functions/<name>.cjs} of one model to it. */
    public static void ofSync(MillraceClient client, String name, String model) {
        client.createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        client.deploy(adding(List.of(sync(name, List.of(model), code(name)))));
    }

    /** Adds the functions to those that are there. */
    public static Map<String, Object> adding(Collection<Map<String, Object>> functions) {
        return body(functions, false);
    }

    /** Adds the functions and removes all others. */
    public static Map<String, Object> replacing(Collection<Map<String, Object>> functions) {
        var body = body(functions, true);
        body.put("deployMode", "all");
        return body;
    }

    private static Map<String, Object> body(Collection<Map<String, Object>> functions, boolean reconcile) {
        var body = new LinkedHashMap<String, Object>();
        body.put("flowConfigs", functions);
        body.put("reconcile", reconcile);
        body.put("debug", false);
        body.put("nangoYamlBody", "");
        body.put("sdkVersion", "0.71.10-zero");
        return body;
    }

    /** An action without schemas; more can be put into the map. */
    public static Map<String, Object> action(String name, String code) {
        var function = function(name, "action", code);
        function.put("models", List.of("ActionOutput_crm_" + name));
        function.put("runs", null);
        return function;
    }

    /** A sync that only runs when it is told to; more can be put into the map. */
    public static Map<String, Object> sync(String name, List<String> models, String code) {
        var function = function(name, "sync", code);
        function.put("models", models);
        function.put("runs", "every day");
        function.put("auto_start", false);
        return function;
    }

    private static Map<String, Object> function(String name, String type, String code) {
        var function = new LinkedHashMap<String, Object>();
        function.put("syncName", name);
        function.put("providerConfigKey", "crm");
        function.put("type", type);
        function.put("track_deletes", false);
        function.put("endpoints", List.of());
        function.put("fileBody", Map.of("js", code, "ts", ""));
        return function;
    }

    /** The code of {@code functions/<name>.cjs} among the test's resources. */
    public static String code(String name) {
        var resource = "/functions/" + name + ".cjs";
        try (var in = Deployment.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
