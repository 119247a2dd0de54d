package dev.millrace.bench;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Very many connections whose tokens have expired, all asked for at the same time: each token is renewed. */
final class Tokens implements Scenario {
    static final String INTEGRATION = "tokens";

    private static final int SIZE = 1_000;
    private static final int CALLERS = 64;

    /** A connection whose token is good for long. */
    static final String FRESH = "fresh";

    @Override
    public String name() {
        return "refresh-storm-1000";
    }

    @Override
    public String about() {
        return "GET /connections/{id} of 1,000 connections with expired tokens, 64 at a time: each is renewed";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        integrate(stage);
        for (int number = 0; number < SIZE; number++) {
            connect(stage, "storm-" + number, Instant.now().minusSeconds(60));
        }
        var subject = stage.subject();
        var before = subject.cpu();
        long began = System.nanoTime();
        var nanos = storm(stage);
        double seconds = (System.nanoTime() - began) / 1e9;
        var cpu = subject.cpu().minus(before).times(1000.0 / SIZE);
        return Result.ofRequests(name(), SIZE, seconds, Requests.latency(nanos), cpu, subject.memory(), Reference.NONE);
    }

    private static long[] storm(Stage stage) throws IOException, InterruptedException {
        var next = new AtomicInteger();
        var times = new long[SIZE];
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = new ArrayList<Callable<Integer>>();
            for (int caller = 0; caller < CALLERS; caller++) {
                work.add(() -> ask(stage, next, times));
            }
            for (var one : threads.invokeAll(work)) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("refresh-storm-1000: " + e.getCause(), e);
        }
        return Arrays.copyOf(times, times.length);
    }

    private static int ask(Stage stage, AtomicInteger next, long[] times) throws IOException {
        var url = stage.subject().url();
        int count = 0;
        try (var wire = new Wire(url)) {
            for (int number = next.getAndIncrement(); number < SIZE; number = next.getAndIncrement()) {
                long began = System.nanoTime();
                int status = wire.send(get(stage, "storm-" + number).bytes(url));
                times[number] = System.nanoTime() - began;
                if (status != 200) {
                    throw new IOException("the answer was " + status);
                }
                count++;
            }
        }
        return count;
    }

    static Call get(Stage stage, String connection) {
        return new Call(
                "GET",
                "/connections/" + connection + "?provider_config_key=" + INTEGRATION,
                Requests.headers(stage, connection),
                "");
    }

    /** Makes the integration and a connection with a fresh token, unless they are there. */
    static void prepare(Stage stage) {
        integrate(stage);
        connect(stage, FRESH, Instant.now().plusSeconds(86_400));
    }

    private static void integrate(Stage stage) {
        if (stage.client().integration(INTEGRATION).isEmpty()) {
            stage.client()
                    .createIntegration(Map.of(
                            "provider",
                            "bench-tokens",
                            "unique_key",
                            INTEGRATION,
                            "credentials",
                            Map.of("type", "OAUTH2", "client_id", "bench", "client_secret", "bench-secret")));
        }
    }

    private static void connect(Stage stage, String id, Instant until) {
        stage.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        INTEGRATION,
                        "connection_id",
                        id,
                        "connection_config",
                        Map.of("upstream", stage.upstream().toString()),
                        "credentials",
                        Map.of(
                                "type",
                                "OAUTH2",
                                "access_token",
                                "old",
                                "refresh_token",
                                "refresh-" + id,
                                "expires_at",
                                until.toString())));
    }
}
