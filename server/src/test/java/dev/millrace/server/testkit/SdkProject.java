package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.function.js.PinnedNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The project of functions in {@code src/test/resources/sdk}: written as authors write them, compiled and deployed as a whole. */
public final class SdkProject {
    private static final Path FOLDER = Path.of("src/test/resources/sdk").toAbsolutePath();
    private static final Path RUNTIME = Path.of("../runtime").toAbsolutePath().normalize();

    private SdkProject() {}

    /** The provider they are written for. */
    public static Path providers() {
        return FOLDER.resolve("providers.yaml");
    }

    public static void deploy(TestServer server) {
        server.client().createIntegration(Map.of("provider", "sdk-api", "unique_key", "sdk"));
        server.client()
                .createIntegration(Map.of(
                        "provider",
                        "sdk-oauth",
                        "unique_key",
                        "sdk-oauth",
                        "credentials",
                        Map.of("type", "OAUTH2", "client_id", "id", "client_secret", "secret")));
        var body = (ObjectNode) compiled();
        body.put("reconcile", true)
                .put("debug", false)
                .put("nangoYamlBody", "")
                .put("sdkVersion", "0.71.10-zero")
                .put("deployMode", "all");
        var reply = server.raw().post("/sync/deploy", body.toString());
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    private static JsonNode compiled() {
        var node = PinnedNode.in(RUNTIME).orElseThrow();
        try {
            var process = new ProcessBuilder(
                            node.toString(), RUNTIME.resolve("src/compile.mjs").toString(), FOLDER.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            var result = RawClient.JSON.readTree(process.getInputStream().readAllBytes());
            assertThat(result.path("errors").isMissingNode())
                    .as(result.path("errors").toString())
                    .isTrue();
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is expected of a function: {@code <folder>/<name>.json}, with the address of the API put in. */
    public static JsonNode expected(String folder, String name, SdkApi api) {
        try {
            var file = FOLDER.resolve(folder).resolve(name + ".json");
            return RawClient.JSON.readTree(Files.readString(file).replace("${api}", api.url()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The functions of which a folder says what is expected. */
    public static Stream<String> expectations(String folder) {
        try (var files = Files.list(FOLDER.resolve(folder))) {
            var names = files.map(file -> file.getFileName().toString().replace(".json", ""));
            return names.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
