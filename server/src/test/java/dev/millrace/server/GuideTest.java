package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import dev.millrace.server.testkit.JsonShape;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs every command of the storage guide in its order and compares what it prints with what the guide says. */
class GuideTest {
    private static final Path GUIDE = Path.of("../docs/guides/storage.md");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(sh|json)\\n(.*?)^```$");
    /** The head of every guide, which the test does itself. */
    private static final String VARIABLES = "export MILLRACE_URL=";

    private static final String MARK = "----8<---- block ";

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private record Step(String command, Optional<String> answer) {}

    @Test
    void every_command_of_the_guide_prints_what_the_guide_says() throws Exception {
        var steps = steps();

        var outputs = run(steps);

        assertThat(steps).hasSizeGreaterThan(12);
        assertThat(outputs).hasSameSizeAs(steps);
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).answer().isPresent()) {
                var expected = Json.parse(steps.get(i).answer().get());
                assertThat(JsonShape.difference(expected, Json.parse(outputs.get(i))))
                        .as(steps.get(i).command() + "\nprinted " + outputs.get(i))
                        .isEmpty();
            }
        }
    }

    /** A command followed at once by JSON prints that JSON. */
    private static List<Step> steps() throws IOException {
        var text = Files.readString(GUIDE);
        var steps = new ArrayList<Step>();
        var block = BLOCK.matcher(text);
        int end = 0;
        while (block.find()) {
            if (block.group(1).equals("sh") && !block.group(2).startsWith(VARIABLES)) {
                steps.add(new Step(block.group(2), Optional.empty()));
            } else if (block.group(1).equals("json")
                    && text.substring(end, block.start()).isBlank()
                    && !steps.isEmpty()) {
                steps.add(new Step(steps.removeLast().command(), Optional.of(block.group(2))));
            }
            end = block.end();
        }
        return steps;
    }

    /** One shell for all, since later commands use the variables of earlier ones; what each printed. */
    private static List<String> run(List<Step> steps) throws IOException, InterruptedException {
        var script = new StringBuilder("set -e\n");
        for (int i = 0; i < steps.size(); i++) {
            script.append(steps.get(i).command())
                    .append("\necho\necho '")
                    .append(MARK)
                    .append(i)
                    .append("'\n");
        }
        var command = new ProcessBuilder("sh", "-c", script.toString()).redirectErrorStream(true);
        command.environment().put("MILLRACE_URL", server.url().toString());
        command.environment().put("MILLRACE_KEY", server.key());
        var process = command.start();
        var output = process.inputReader().readAllAsString();
        assertThat(process.waitFor()).as(output).isZero();
        return Pattern.compile("(?m)^" + MARK + "\\d+\\n")
                .splitAsStream(output)
                .map(String::strip)
                .toList();
    }
}
