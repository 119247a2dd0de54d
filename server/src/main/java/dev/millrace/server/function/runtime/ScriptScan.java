package dev.millrace.server.function.runtime;

import dev.millrace.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Parses code in a short-lived process to find what deploys refuse (functions §5.2). Thread-safe. */
public final class ScriptScan {
    private final RuntimeConfig config;

    public ScriptScan(RuntimeConfig config) {
        this.config = config;
    }

    /** Answers the positions of the scripts that call a {@code constructor} member with arguments. */
    public List<Integer> refused(List<String> scripts) throws InterruptedException {
        var input = Json.array();
        scripts.forEach(input::add);
        try {
            var process = new ProcessBuilder(
                            config.node().toString(),
                            config.directory().resolve("src/scan.mjs").toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(Json.bytes(input));
            }
            var output = process.inputReader().readAllAsString();
            if (process.waitFor() != 0) {
                throw new IllegalStateException("the scan of the scripts failed");
            }
            return Json.parse(output).valueStream().map(JsonNode::intValue).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the scan of the scripts failed", e);
        }
    }
}
