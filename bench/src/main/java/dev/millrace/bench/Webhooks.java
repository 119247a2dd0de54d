package dev.millrace.bench;

import dev.millrace.cli.Bar;
import dev.millrace.client.ConnectionRef;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Webhooks that have failed, all of them sent again: how fast they leave, and what each costs. */
final class Webhooks implements Scenario {
    private static final int CONNECTIONS = 100;
    private static final int CHANGES = 50;
    private static final int EVENTS = CONNECTIONS * CHANGES;
    private static final int GONE = 410;
    private static final int TAKEN = 200;
    private static final long PATIENCE_SECONDS = 300;

    @Override
    public String name() {
        return "webhooks-" + EVENTS;
    }

    @Override
    public String about() {
        return EVENTS + " webhooks of " + CONNECTIONS
                + " connections leave for a local application; p50 and p99: until half, and nearly all, were there";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var began = Instant.now();
            prepare(http, stage);
            answer(http, stage, TAKEN);
            var subject = stage.subject();
            var before = subject.cpu();
            long start = System.nanoTime();
            send(http, stage, "POST", "/webhooks/deliveries/replay", "{\"since\":\"" + began + "\"}");
            double half = await(http, stage, EVENTS / 2, start);
            double most = await(http, stage, EVENTS * 99 / 100, start);
            double seconds = await(http, stage, EVENTS, start) / 1000;
            var cpu = subject.cpu().minus(before).times(1000.0 / EVENTS);
            send(http, stage, "PATCH", "/environment/settings", wishes("null", false));
            return Result.ofRequests(
                    name(), EVENTS, seconds, new Result.Latency(half, most), cpu, subject.memory(), Reference.NONE);
        }
    }

    /** They are refused at first, so that all are there before the first one leaves. */
    private static void prepare(HttpClient http, Stage stage) throws IOException, InterruptedException {
        for (int number = 0; number < CONNECTIONS; number++) {
            stage.connect(connection(number));
        }
        answer(http, stage, GONE);
        var hook = '"' + stage.upstream().resolve("/hook").toString() + '"';
        send(http, stage, "PATCH", "/environment/settings", wishes(hook, true));
        try (var bar = Bar.of("Writing " + EVENTS + " events", EVENTS)) {
            for (int event = 0; event < EVENTS; event++) {
                var ref = new ConnectionRef(Stage.INTEGRATION, connection(event % CONNECTIONS));
                stage.client().setMetadata(ref, Map.of("change", event));
                bar.at(event);
            }
        }
        await(http, stage, EVENTS, System.nanoTime());
        // What became of the last ones is being written.
        TimeUnit.SECONDS.sleep(2);
    }

    private static String wishes(String url, boolean told) {
        return "{\"webhooks\":{\"primary_url\":" + url + ",\"on_metadata_change\":" + told + "}}";
    }

    private static String connection(int number) {
        return "told-" + number;
    }

    /** From now on the application answers this, and counts from zero. */
    private static void answer(HttpClient http, Stage stage, int status) throws IOException, InterruptedException {
        ask(http, stage, "/hook-answers?status=" + status);
    }

    /** Milliseconds since the start when so many were there. */
    private static double await(HttpClient http, Stage stage, int count, long start)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (Integer.parseInt(ask(http, stage, "/hooks")) < count) {
            if (System.nanoTime() > end) {
                throw new IOException("Fewer than " + count + " webhooks arrived in " + PATIENCE_SECONDS + " s");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static String ask(HttpClient http, Stage stage, String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(stage.upstream().resolve(path)).build(), BodyHandlers.ofString())
                .body();
    }

    private static void send(HttpClient http, Stage stage, String method, String path, String body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(stage.subject().url().resolve(path))
                .header("Authorization", "Bearer " + stage.subject().key())
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        var response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(path + " answered " + response.statusCode() + ": " + response.body());
        }
    }
}
