package dev.millrace.bench;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A running server with an integration of the upstream API, deployed functions, and a connection for each client. */
public record Stage(Subject subject, MillraceClient client, Path home, URI upstream) implements AutoCloseable {
    public static final String INTEGRATION = "bench";

    /** The function SDK version of the functions. */
    private static final String SDK = "0.71.10-zero";

    public static Stage prepare(Path home, Subject subject, UpstreamProcess upstream, int clients)
            throws IOException, InterruptedException {
        var client = MillraceClient.of(subject.url(), subject.key());
        if (client.integration(INTEGRATION).isEmpty()) {
            client.createIntegration(Map.of(
                    "provider",
                    "private-api-bearer",
                    "unique_key",
                    INTEGRATION,
                    "display_name",
                    "Bench",
                    "integration_config",
                    Map.of("baseUrl", upstream.url().toString())));
        }
        client.deploy(deployment(home));
        var stage = new Stage(subject, client, home, upstream.url());
        for (int number = 0; number < clients; number++) {
            var connection = stage.connect(connection(number));
            client.setMetadata(connection, Map.of("plan", "gold", "number", number));
        }
        return stage;
    }

    /** The connection of a client, by its number. */
    static String connection(int number) {
        return "client-" + number;
    }

    public ConnectionRef connect(String id) {
        client.importConnection(Map.of(
                "provider_config_key", INTEGRATION,
                "connection_id", id,
                "credentials", Map.of("type", "API_KEY", "apiKey", "bench-secret")));
        return new ConnectionRef(INTEGRATION, id);
    }

    Path runtime() {
        return home.resolve("runtime");
    }

    /** The compiled text of a function. */
    String bundle(String function) throws IOException, InterruptedException {
        for (var flow : compile(home).path("flowConfigs")) {
            if (flow.path("syncName").asString("").equals(function)) {
                return flow.path("fileBody").path("js").asString("");
            }
        }
        throw new IOException("There is no function " + function);
    }

    /** Deploys a function again under the names {@code <function>-0} and so on, each with a different text. */
    void deployCopies(String function, int copies) throws IOException, InterruptedException {
        var flows = new ArrayList<JsonNode>();
        for (var flow : compile(home).path("flowConfigs")) {
            if (flow.path("syncName").asString("").equals(function)) {
                for (int number = 0; number < copies; number++) {
                    var copy = (ObjectNode) flow.deepCopy();
                    var body = copy.withObjectProperty("fileBody");
                    copy.put("syncName", function + '-' + number);
                    body.put("js", body.path("js").asString("") + "\n// " + number);
                    flows.add(copy);
                }
            }
        }
        client.deploy(deployment(flows, List.of(), false));
    }

    private static Map<String, Object> deployment(Path home) throws IOException, InterruptedException {
        var compiled = compile(home);
        return deployment(compiled.path("flowConfigs"), compiled.path("onEventScriptsByProvider"), true);
    }

    private static Map<String, Object> deployment(Object flows, Object onEvent, boolean reconcile) {
        var body = new LinkedHashMap<String, Object>();
        body.put("flowConfigs", flows);
        body.put("onEventScriptsByProvider", onEvent);
        body.put("nangoYamlBody", "");
        body.put("reconcile", reconcile);
        body.put("debug", false);
        body.put("deployMode", "all");
        body.put("sdkVersion", SDK);
        return body;
    }

    private static JsonNode compile(Path home) throws IOException, InterruptedException {
        var runtime = home.resolve("runtime");
        var process = new ProcessBuilder(List.of(
                        node(runtime),
                        runtime.resolve("src/compile.mjs").toString(),
                        home.resolve("bench/functions").toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        var output = process.getInputStream().readAllBytes();
        int exit = process.waitFor();
        try {
            var compiled = JsonMapper.shared().readTree(output);
            if (exit == 0) {
                return compiled;
            }
            throw new IOException("The functions have errors: " + compiled.path("errors"));
        } catch (JacksonException e) {
            throw new IOException("The functions could not be compiled (exit " + exit + ")", e);
        }
    }

    /** The Node.js of the runtime, else the one on the PATH. */
    static String node(Path runtime) throws IOException {
        var modules = runtime.resolve("node_modules");
        try (var packages = Files.newDirectoryStream(modules, "node-*")) {
            for (var one : packages) {
                var program = one.resolve("bin/node");
                if (Files.isExecutable(program)) {
                    return program.toString();
                }
            }
        }
        return "node";
    }

    @Override
    public void close() {
        client.close();
    }
}
