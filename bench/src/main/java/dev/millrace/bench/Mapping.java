package dev.millrace.bench;

import dev.millrace.client.ConnectionRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;

/** A function that computes, compared with the same bundle in plain Node. */
final class Mapping implements Scenario {
    private static final int RECORDS = 100_000;
    private static final String ACTION = "map";
    private static final String PLAIN = """
            const { default: action } = require(process.argv[1]);
            const count = Number(process.argv[2]);
            Promise.resolve(action.exec({}, { count })).then(({ length }) => {
              const { user, system } = process.cpuUsage();
              console.log(length + ' ' + (user + system) / 1e6);
            });
            """;

    @Override
    public String name() {
        return "map-100000";
    }

    @Override
    public String about() {
        return "an action that checks and maps 100,000 records with zod; the reference is plain Node";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        var plain = plain(stage);
        var connection = stage.connect(Stage.connection(0));
        var subject = stage.subject();
        map(stage, connection, 1_000);
        var before = subject.cpu();
        long began = System.nanoTime();
        long length = map(stage, connection, RECORDS);
        double seconds = (System.nanoTime() - began) / 1e9;
        if (length != plain.length) {
            throw new IOException("The action came to " + length + ", plain Node to " + plain.length);
        }
        var cpu = subject.cpu().minus(before);
        var reference = new Reference("plain Node: " + Table.precise(plain.seconds) + " CPU-s", plain.seconds);
        return Result.ofCpu(name(), seconds, cpu, subject.memory(), reference);
    }

    private static long map(Stage stage, ConnectionRef connection, int count) {
        return stage.client()
                .triggerAction(connection, ACTION, Map.of("count", count))
                .path("length")
                .asLong();
    }

    private record Plain(long length, double seconds) {}

    private static Plain plain(Stage stage) throws IOException, InterruptedException {
        var bundle = Files.createTempFile("millrace-bench-", ".cjs");
        try {
            Files.writeString(bundle, stage.bundle(ACTION));
            var builder = new ProcessBuilder(
                    List.of(Stage.node(stage.runtime()), "-e", PLAIN, bundle.toString(), Integer.toString(RECORDS)));
            builder.environment()
                    .put("NODE_PATH", stage.runtime().resolve("node_modules").toString());
            var process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
            var words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .strip()
                    .split(" ", 2);
            if (process.waitFor() != 0 || words.length != 2) {
                throw new IOException("Plain Node could not run the action's bundle");
            }
            return new Plain(Long.parseLong(words[0]), Double.parseDouble(words[1]));
        } finally {
            Files.delete(bundle);
        }
    }
}
