package dev.millrace.server.function.js;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Compiles functions given as source text, each in a short-lived process without environment variables, without network
 * and without access to files other than the runtime's. The definition in the code is read in a further process, which
 * may not start processes either. Thread-safe; two compilations run at once, others wait.
 */
public final class Compiler {
    private static final Logger LOG = LoggerFactory.getLogger(Compiler.class);
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int AT_ONCE = 2;

    private final RuntimeConfig config;
    private final Launcher launcher;
    private final Semaphore places = new Semaphore(AT_ONCE, true);

    public Compiler(RuntimeConfig config) {
        this.config = config;
        this.launcher = new Launcher(config);
    }

    /**
     * One self-contained function.
     *
     * @param type as in deploys; empty: whatever the code defines
     */
    public record Source(String code, String integration, String name, Optional<String> type) {}

    /**
     * @param js the bundle, with an inline source map
     * @param flows in the format of a deploy's {@code flowConfigs}: at most one
     * @param onEvents in the format of a deploy's {@code onEventScriptsByProvider}: at most one
     */
    public record Compiled(String js, JsonNode flows, JsonNode onEvents) {}

    /** @throws Failure {@code compilation_error}, {@code timeout} or {@code execution_environment_unavailable} */
    public Compiled compile(Source source) throws InterruptedException {
        var request = Json.object()
                .put("code", source.code())
                .put("integration", source.integration())
                .put("name", source.name());
        source.type().ifPresent(type -> request.put("type", type));
        places.acquire();
        try {
            return read(run(Json.bytes(request)));
        } catch (IOException e) {
            LOG.error("The compiler could not be run", e);
            throw unavailable();
        } finally {
            places.release();
        }
    }

    private static Compiled read(JsonNode result) {
        if (result.has("errors")) {
            var error = result.path("errors").path(0);
            var details = Json.object();
            details.putObject("payload").set("type", error.path("type"));
            throw new Failure.Plain(
                    400, "compilation_error", error.path("message").asString(""), details);
        }
        return new Compiled(
                result.path("js").asString(""), result.path("flowConfigs"), result.path("onEventScriptsByProvider"));
    }

    private JsonNode run(byte[] request) throws IOException, InterruptedException {
        var process = start();
        var errors = new ErrorOutput(process, "compiler");
        var output = new AtomicReference<>("");
        // A platform thread, because reading a pipe blocks the carrier of a virtual thread.
        var pipes = Thread.ofPlatform().daemon().name("compiler-pipes").start(() -> {
            try {
                try (var in = process.getOutputStream()) {
                    in.write(request);
                }
                output.set(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                LOG.debug("The connection to the compiler broke", e);
            }
        });
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw Failure.plain(504, "timeout", "Compiling took longer than " + LIMIT.toSeconds() + " seconds.");
            }
            pipes.join();
            if (process.exitValue() != 0) {
                LOG.error("The compiler ended with {}: {}", process.exitValue(), errors.text());
                throw unavailable();
            }
            return Json.parseSaid(output.get().getBytes(StandardCharsets.UTF_8));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static Failure unavailable() {
        return Failure.plain(
                503,
                "execution_environment_unavailable",
                "The compiler could not be run; the server's log says why. Try again.");
    }

    private Process start() throws IOException {
        var directory = config.directory().toRealPath();
        var command = List.of(
                config.node().toString(),
                "--permission",
                "--allow-fs-read=" + directory,
                // The limit applies to the bundler's process and to the process that reads definitions.
                "--allow-child-process",
                "--disable-warning=PERM0002",
                "--max-old-space-size=" + config.worker().heapMegabytes(),
                directory.resolve("src/compile-text.mjs").toString());
        return launcher.start(command);
    }
}
