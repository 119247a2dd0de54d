package dev.millrace.bench;

import java.util.Optional;

/**
 * The result of a scenario.
 *
 * @param requests 0 when the scenario is one long run
 * @param seconds wall time
 * @param latency of requests; empty when the scenario is one long run
 * @param cpu milliseconds per request, or seconds of the whole run
 * @param megabytes resident at the end
 * @param reference value of the reference
 * @param factor the reference's value divided by ours
 */
public record Result(
        String scenario,
        long requests,
        double seconds,
        Optional<Latency> latency,
        Split cpu,
        Split megabytes,
        String reference,
        double factor) {
    /** The median and the 99th percentile in milliseconds. */
    public record Latency(double p50, double p99) {}

    static Result ofRequests(
            String scenario,
            long requests,
            double seconds,
            Latency latency,
            Split cpu,
            Split megabytes,
            Reference reference) {
        return new Result(
                scenario,
                requests,
                seconds,
                Optional.of(latency),
                cpu,
                megabytes,
                reference.text(),
                reference.factor(cpu.sum()));
    }

    /** A run that is compared by the CPU time of the workers. */
    static Result ofCpu(String scenario, double seconds, Split cpu, Split megabytes, Reference reference) {
        return new Result(
                scenario,
                0,
                seconds,
                Optional.empty(),
                cpu,
                megabytes,
                reference.text(),
                reference.factor(cpu.workers()));
    }

    /** A run that is compared by its wall time. */
    static Result ofRun(String scenario, double seconds, Split cpu, Split megabytes, Reference reference) {
        return new Result(
                scenario, 0, seconds, Optional.empty(), cpu, megabytes, reference.text(), reference.factor(seconds));
    }
}
