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

/** Replays a large number of failed webhooks. Measures the throughput and the CPU time per webhook. */
final class Webhooks implements Scenario {
    private static final int CONNECTIONS = 100;
    private static final int CHANGES = 50;
    private static final int EVENTS = CONNECTIONS * CHANGES;
    private static final int GONE = 410;
    private static final int OK = 200;
    private static final long TIMEOUT_SECONDS = 300;

    @Override
    public String name() {
        return "webhooks-" + EVENTS;
    }

    @Override
    public String about() {
        return EVENTS + " webhooks of " + CONNECTIONS + " connections are sent to a local application;"
                + " p50 and p99: the times until half and 99 % have arrived";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var since = Instant.now();
            prepare(http, stage);
            setStatus(http, stage, OK);
            var subject = stage.subject();
            var before = subject.cpu();
            long start = System.nanoTime();
            send(http, stage, "POST", "/webhooks/deliveries/replay", "{\"since\":\"" + since + "\"}");
            double p50 = await(http, stage, EVENTS / 2, start);
            double p99 = await(http, stage, EVENTS * 99 / 100, start);
            double seconds = await(http, stage, EVENTS, start) / 1000;
            var cpu = subject.cpu().minus(before).times(1000.0 / EVENTS);
            send(http, stage, "PATCH", "/environment/settings", webhookSettings("null", false));
            return Result.ofRequests(
                    name(), EVENTS, seconds, new Result.Latency(p50, p99), cpu, subject.memory(), Reference.NONE);
        }
    }

    /** Creates the events. The application rejects them first, so that all exist before the replay starts. */
    private static void prepare(HttpClient http, Stage stage) throws IOException, InterruptedException {
        for (int number = 0; number < CONNECTIONS; number++) {
            stage.connect(connection(number));
        }
        setStatus(http, stage, GONE);
        var hook = '"' + stage.upstream().resolve("/hook").toString() + '"';
        send(http, stage, "PATCH", "/environment/settings", webhookSettings(hook, true));
        try (var bar = Bar.of("Writing " + EVENTS + " events", EVENTS)) {
            for (int event = 0; event < EVENTS; event++) {
                var ref = new ConnectionRef(Stage.INTEGRATION, connection(event % CONNECTIONS));
                stage.client().setMetadata(ref, Map.of("change", event));
                bar.at(event);
            }
        }
        await(http, stage, EVENTS, System.nanoTime());
        // The results of the last deliveries may not be recorded yet.
        TimeUnit.SECONDS.sleep(2);
    }

    private static String webhookSettings(String url, boolean enabled) {
        return "{\"webhooks\":{\"primary_url\":" + url + ",\"on_metadata_change\":" + enabled + "}}";
    }

    private static String connection(int number) {
        return "webhook-" + number;
    }

    /** Sets the status of the application's responses and resets its counter. */
    private static void setStatus(HttpClient http, Stage stage, int status) throws IOException, InterruptedException {
        get(http, stage, "/hook-answers?status=" + status);
    }

    /** Waits until {@code count} webhooks have arrived. Returns the milliseconds since the start. */
    private static double await(HttpClient http, Stage stage, int count, long start)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (Integer.parseInt(get(http, stage, "/hooks")) < count) {
            if (System.nanoTime() > end) {
                throw new IOException("Fewer than " + count + " webhooks arrived in " + TIMEOUT_SECONDS + " s");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static String get(HttpClient http, Stage stage, String path) throws IOException, InterruptedException {
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
            throw new IOException(path + " responded with status " + response.statusCode() + ": " + response.body());
        }
    }
}
