package dev.millrace.bench;

import java.io.IOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Receives webhooks of a provider, each for a different connection. Each webhook is stored before the response is sent.
 * The reference is the same number of database sessions, where each commits one insert of the same body at a time.
 */
final class WebhooksIn implements Scenario {
    private static final String INTEGRATION = "hooks";
    private static final String TABLE = "bench_insert";

    @Override
    public String name() {
        return "webhooks-in";
    }

    @Override
    public String about() {
        return "POST /webhook/…: accepted and stored; the reference is one committed insert of the same body";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        int clients = settings.clients();
        var calls = calls(stage, clients);
        load(clients, settings.warmUp(), client -> sender(stage, calls.get(client)));
        var subject = stage.subject();
        var before = subject.cpu();
        long began = System.nanoTime();
        var nanos = load(clients, settings.seconds(), client -> sender(stage, calls.get(client)));
        double seconds = (System.nanoTime() - began) / 1e9;
        var cpu = subject.cpu().minus(before).times(1000.0 / nanos.length);
        var latency = Requests.latency(nanos);
        return Result.ofRequests(
                name(), nanos.length, seconds, latency, cpu, subject.memory(), inserts(stage, settings));
    }

    /** Creates a connection for each client and returns the requests of its webhooks. */
    static List<byte[]> calls(Stage stage, int clients) throws IOException {
        if (stage.client().integration(INTEGRATION).isEmpty()) {
            stage.client()
                    .createIntegration(Map.of(
                            "provider", "unauthenticated", "unique_key", INTEGRATION, "forward_webhooks", false));
        }
        var path = path(stage);
        var calls = new ArrayList<byte[]>();
        for (int client = 0; client < clients; client++) {
            stage.client()
                    .importConnection(Map.of(
                            "provider_config_key",
                            INTEGRATION,
                            "connection_id",
                            "hook-" + client,
                            "credentials",
                            Map.of("type", "NONE")));
            calls.add(new Call("POST", path, List.of(), body(client))
                    .bytes(stage.subject().url()));
        }
        return calls;
    }

    private static String body(int client) {
        return """
                {"type":"contact.changed","connectionId":"hook-%d","contact":{"id":"8c1a","email":"a@b.example","note":"%s"}}""".formatted(client, "n".repeat(400));
    }

    private static String path(Stage stage) throws IOException {
        try (var session = DriverManager.getConnection(stage.subject().database());
                var statement = session.createStatement();
                var row = statement.executeQuery("SELECT uuid FROM environment WHERE name = 'dev'")) {
            row.next();
            return "/webhook/" + row.getString(1) + '/' + INTEGRATION;
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    /** Repeats an operation until a point in time. Returns the duration of each operation in nanoseconds. */
    private interface Client {
        long[] run(long end) throws IOException, SQLException;
    }

    private interface Clients {
        Client of(int number);
    }

    private static Client sender(Stage stage, byte[] call) {
        return end -> {
            try (var wire = new Wire(stage.subject().url())) {
                return times(end, () -> {
                    int status = wire.send(call);
                    if (status != 200) {
                        throw new IOException("answered " + status + ": " + wire.body());
                    }
                });
            }
        };
    }

    private interface Step {
        void take() throws IOException, SQLException;
    }

    private static long[] times(long end, Step step) throws IOException, SQLException {
        var times = new long[1024];
        int count = 0;
        for (long now = System.nanoTime(); now < end; ) {
            step.take();
            long done = System.nanoTime();
            if (count == times.length) {
                times = Arrays.copyOf(times, 2 * count);
            }
            times[count++] = done - now;
            now = done;
        }
        return Arrays.copyOf(times, count);
    }

    private static long[] load(int clients, int seconds, Clients each) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = new ArrayList<Callable<long[]>>();
            for (int client = 0; client < clients; client++) {
                var one = each.of(client);
                work.add(() -> one.run(end));
            }
            var times = new ArrayList<long[]>();
            for (var done : threads.invokeAll(work)) {
                times.add(done.get());
            }
            return times.stream().flatMapToLong(Arrays::stream).toArray();
        } catch (ExecutionException e) {
            throw new IOException("webhooks-in: " + e.getCause(), e);
        }
    }

    private static Reference inserts(Stage stage, Settings settings) throws IOException, InterruptedException {
        var url = stage.subject().database();
        execute(
                url,
                "CREATE TABLE IF NOT EXISTS " + TABLE
                        + " (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)");
        var before = stage.subject().cpu();
        var nanos = load(settings.clients(), settings.seconds(), client -> inserter(url, body(client)));
        double cpu = stage.subject().cpu().minus(before).postgres() * 1000 / nanos.length;
        execute(url, "DROP TABLE " + TABLE);
        double rate = nanos.length / (double) settings.seconds();
        return new Reference(String.format(Locale.ROOT, "%.0f/s, %.2f", rate, cpu), cpu);
    }

    private static Client inserter(String url, String body) {
        return end -> {
            try (var session = DriverManager.getConnection(url);
                    var insert = session.prepareStatement("INSERT INTO " + TABLE + " (body) VALUES (?)")) {
                return times(end, () -> {
                    insert.setString(1, body);
                    insert.executeUpdate();
                });
            }
        };
    }

    private static void execute(String url, String sql) throws IOException {
        try (var session = DriverManager.getConnection(url);
                var statement = session.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
