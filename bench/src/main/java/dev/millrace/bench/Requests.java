package dev.millrace.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** The same request repeatedly: each client sends its next request after the response to the previous one. */
public final class Requests implements Scenario {
    private static final double NANOS_OF_MILLI = 1e6;

    private final String name;
    private final String about;
    private final Reference reference;
    private final BiFunction<Stage, Integer, Call> call;
    private final Preparation preparation;
    private final OptionalInt clients;

    /** What must exist before the first request. */
    interface Preparation {
        void prepare(Stage stage) throws IOException, InterruptedException;
    }

    /** @param call the request of a client, by its number */
    Requests(
            String name,
            String about,
            Reference reference,
            Preparation preparation,
            BiFunction<Stage, Integer, Call> call) {
        this(name, about, reference, preparation, call, OptionalInt.empty());
    }

    private Requests(
            String name,
            String about,
            Reference reference,
            Preparation preparation,
            BiFunction<Stage, Integer, Call> call,
            OptionalInt clients) {
        this.name = name;
        this.about = about;
        this.reference = reference;
        this.preparation = preparation;
        this.call = call;
        this.clients = clients;
    }

    /** The same with this number of clients, whatever the settings are. */
    Requests by(int number) {
        return new Requests(
                name + '-' + number,
                about + ", " + number + " at a time",
                reference,
                preparation,
                call,
                OptionalInt.of(number));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String about() {
        return about;
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        preparation.prepare(stage);
        int number = clients.orElse(settings.clients());
        for (int client = settings.clients(); client < number; client++) {
            stage.connect(Stage.connection(client));
        }
        load(stage, number, settings.warmUp());
        var subject = stage.subject();
        var before = subject.cpu();
        long began = System.nanoTime();
        var nanos = load(stage, number, settings.seconds());
        double seconds = (System.nanoTime() - began) / 1e9;
        var cpu = subject.cpu().minus(before).times(1000.0 / nanos.length);
        return Result.ofRequests(name, nanos.length, seconds, latency(nanos), cpu, subject.memory(), reference);
    }

    /** Keeps all clients busy; returns the duration of each request. */
    private long[] load(Stage stage, int clients, int seconds) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = new ArrayList<Callable<long[]>>();
            for (int number = 0; number < clients; number++) {
                int client = number;
                work.add(() -> loop(stage, client, end));
            }
            var times = new ArrayList<long[]>();
            for (var one : threads.invokeAll(work)) {
                times.add(one.get());
            }
            return times.stream().flatMapToLong(Arrays::stream).toArray();
        } catch (ExecutionException e) {
            throw new IOException(name + ": " + e.getCause(), e);
        }
    }

    private long[] loop(Stage stage, int client, long end) throws IOException {
        var url = stage.subject().url();
        var turns = call.apply(stage, client).turns(url);
        var times = new long[1024];
        int count = 0;
        try (var wire = new Wire(url)) {
            for (long now = System.nanoTime(); now < end; ) {
                int status = wire.send(turns[count & 1]);
                if (status < 200 || status >= 300) {
                    throw new IOException("answered " + status + ": " + wire.body());
                }
                long done = System.nanoTime();
                if (count == times.length) {
                    times = Arrays.copyOf(times, 2 * count);
                }
                times[count++] = done - now;
                now = done;
            }
        }
        return Arrays.copyOf(times, count);
    }

    static Result.Latency latency(long[] nanos) {
        Arrays.sort(nanos);
        return new Result.Latency(
                nanos[nanos.length / 2] / NANOS_OF_MILLI, nanos[nanos.length * 99 / 100] / NANOS_OF_MILLI);
    }

    /** Headers of a request about a connection. */
    public static List<String> headers(Stage stage, String connection) {
        return List.of(
                "Authorization: Bearer " + stage.subject().key(),
                "Provider-Config-Key: " + Stage.INTEGRATION,
                "Connection-Id: " + connection);
    }
}
