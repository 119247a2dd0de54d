package dev.millrace.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Webhooks of a provider at a fixed rate for a minute, while syncs run. The latency is measured from the time at which a
 * webhook was due, so it includes the time for which a busy server delays the sender.
 */
final class WebhookFlood implements Scenario {
    private static final int RATE = 1_000;
    private static final int SECONDS = 60;
    private static final int CLIENTS = 64;
    private static final int RECORDS = 1_000;
    private static final int SYNCS = 5;

    @Override
    public String name() {
        return "webhooks-flood";
    }

    @Override
    public String about() {
        return RATE + " webhooks per second for " + SECONDS
                + " s, while syncs run; the reference shows the time of a sync" + " of " + RECORDS
                + " records and the memory, before and during";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        var calls = WebhooksIn.calls(stage, CLIENTS);
        var subject = stage.subject();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            flood(threads, stage, calls, settings.warmUp()).get();
            syncSeconds(stage, 0);
            var idle = subject.cpu();
            double calm = syncSeconds(stage, 1);
            var syncCpu = subject.cpu().minus(idle);
            double megabytes = subject.memory().sum();

            var before = subject.cpu();
            long began = System.nanoTime();
            var flood = flood(threads, stage, calls, SECONDS);
            var syncs = new double[SYNCS];
            for (int i = 0; i < SYNCS; i++) {
                TimeUnit.SECONDS.sleep(SECONDS / (SYNCS + 1));
                syncs[i] = syncSeconds(stage, 2 + i);
            }
            var nanos = flood.get();
            double seconds = (System.nanoTime() - began) / 1e9;
            var cpu = subject.cpu().minus(before).minus(syncCpu.times(SYNCS)).times(1000.0 / nanos.length);
            var memory = subject.memory();
            Arrays.sort(syncs);
            var text = String.format(
                    Locale.ROOT, "sync %.1f → %.1f s, %.0f → %.0f MB", calm, syncs[SYNCS / 2], megabytes, memory.sum());
            return Result.ofRequests(
                    name(),
                    nanos.length,
                    seconds,
                    Requests.latency(nanos),
                    cpu,
                    memory,
                    new Reference(text, Double.NaN));
        } catch (ExecutionException e) {
            throw new IOException(name() + ": " + e.getCause(), e);
        }
    }

    private static double syncSeconds(Stage stage, int number) throws IOException, InterruptedException {
        long began = System.nanoTime();
        var unique = Long.toString(began, Character.MAX_RADIX);
        Sync.fill(stage, "flood-" + number + '-' + unique, RECORDS);
        return (System.nanoTime() - began) / 1e9;
    }

    /** The latencies in nanoseconds. */
    private static Future<long[]> flood(ExecutorService threads, Stage stage, List<byte[]> calls, int seconds) {
        long start = System.nanoTime();
        var senders = new ArrayList<Callable<long[]>>();
        for (int client = 0; client < calls.size(); client++) {
            int first = client;
            senders.add(() -> send(stage, calls.get(first), start, first, seconds * RATE));
        }
        return threads.submit(() -> {
            var times = new ArrayList<long[]>();
            for (var sender : threads.invokeAll(senders)) {
                times.add(sender.get());
            }
            return times.stream().flatMapToLong(Arrays::stream).toArray();
        });
    }

    /** Sends the webhooks {@code first}, {@code first + CLIENTS} and so on, each when it is due. */
    private static long[] send(Stage stage, byte[] call, long start, int first, int total)
            throws IOException, InterruptedException {
        var times = new long[(total - first + CLIENTS - 1) / CLIENTS];
        try (var wire = new Wire(stage.subject().url())) {
            for (int i = 0; i < times.length; i++) {
                long due = start + TimeUnit.SECONDS.toNanos(1) * (first + (long) i * CLIENTS) / RATE;
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                int status = wire.send(call);
                if (status != 200) {
                    throw new IOException("answered " + status + ": " + wire.body());
                }
                times[i] = System.nanoTime() - due;
            }
        }
        return times;
    }
}
