package dev.millrace.bench;

import dev.millrace.cli.Bar;
import dev.millrace.client.ConnectionRef;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Very many syncs that wait for an API at the same time, to measure their memory. */
final class Waiting implements Scenario {
    private static final int SYNCS = 1_000;
    private static final String SYNC = "wait";
    private static final long PATIENCE_SECONDS = 300;
    /** Garbage of the start of a thousand syncs is collected meanwhile; real syncs wait for hours. */
    private static final long SETTLE_SECONDS = 60;

    @Override
    public String name() {
        return "waiting-1000";
    }

    @Override
    public String about() {
        return "1,000 syncs that wait for an API at the same time; the memory is what counts (goal: 600 MB)";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        for (int number = 0; number < SYNCS; number++) {
            stage.connect(connection(number));
        }
        var subject = stage.subject();
        var before = subject.cpu();
        long began = System.nanoTime();
        try (var http = HttpClient.newHttpClient();
                var bar = Bar.of("Starting " + SYNCS + " syncs", SYNCS)) {
            for (int number = 0; number < SYNCS; number++) {
                stage.client().startSync(new ConnectionRef(Stage.INTEGRATION, connection(number)), List.of(SYNC));
            }
            await(http, stage, bar);
            double seconds = (System.nanoTime() - began) / 1e9;
            var cpu = subject.cpu().minus(before);
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
            var memory = subject.memory();
            ask(http, stage, "/release");
            return Result.ofRun(name(), seconds, cpu, memory, Reference.NONE);
        }
    }

    private static String connection(int number) {
        return "waiting-" + number;
    }

    private static void await(HttpClient http, Stage stage, Bar bar) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        int waiting = 0;
        while (waiting < SYNCS) {
            if (System.nanoTime() > end) {
                throw new IOException(
                        "Only " + waiting + " of " + SYNCS + " syncs wait after " + PATIENCE_SECONDS + " s");
            }
            TimeUnit.MILLISECONDS.sleep(100);
            waiting = Integer.parseInt(ask(http, stage, "/waiting"));
            bar.at(waiting);
        }
    }

    private static String ask(HttpClient http, Stage stage, String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(stage.upstream().resolve(path)).build(), BodyHandlers.ofString())
                .body();
    }
}
