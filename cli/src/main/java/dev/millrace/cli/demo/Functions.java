package dev.millrace.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The compiled TypeScript functions of the examples.
 *
 * @param flows syncs and actions
 * @param onEvents functions that run on events of a connection
 */
record Functions(List<JsonNode> flows, JsonNode onEvents) {
    /** The function SDK version of the examples. */
    private static final String SDK = "0.71.10-zero";

    Functions {
        flows = List.copyOf(flows);
    }

    static Functions compile(Path node, Path runtime, Path project) throws IOException, InterruptedException {
        var command =
                List.of(node.toString(), runtime.resolve("src/compile.mjs").toString(), project.toString());
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        int exit = process.waitFor();
        JsonNode compiled;
        try {
            compiled = JsonMapper.shared().readTree(output);
        } catch (JacksonException e) {
            throw new DemoFailure("The functions of " + project + " could not be compiled (exit " + exit + ").");
        }
        var errors = compiled.path("errors");
        DemoFailure.unless(
                exit == 0 && errors.isEmpty(), "The functions of %s have errors: %s".formatted(project, errors));
        return new Functions(
                compiled.path("flowConfigs").valueStream().toList(), compiled.path("onEventScriptsByProvider"));
    }

    /** A deploy of everything except syncs. */
    Map<String, Object> withoutSyncs() {
        return deployment(flows.stream()
                .filter(flow -> !flow.path("type").asString().equals("sync"))
                .toList());
    }

    Map<String, Object> all() {
        return deployment(flows);
    }

    List<String> names() {
        return flows.stream()
                .map(flow -> flow.path("type").asString() + " "
                        + flow.path("syncName").asString())
                .toList();
    }

    private Map<String, Object> deployment(List<JsonNode> chosen) {
        var body = new LinkedHashMap<String, Object>();
        body.put("flowConfigs", chosen);
        body.put("onEventScriptsByProvider", onEvents);
        body.put("sdkVersion", SDK);
        body.put("nangoYamlBody", "");
        body.put("reconcile", true);
        body.put("debug", false);
        body.put("deployMode", "all");
        return body;
    }
}
