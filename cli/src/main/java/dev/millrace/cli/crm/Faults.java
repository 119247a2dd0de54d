package dev.millrace.cli.crm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.JsonNode;

/** Simulated failures of the CRM. Thread-safe. */
final class Faults {
    /**
     * A failure to simulate.
     *
     * @param path affected path, with all paths below it
     * @param status of the response; 0 only delays
     * @param retryAfter seconds in the Retry-After header, 0 for none
     */
    record Fault(String path, int status, int times, long delayMillis, int retryAfter) {
        static Fault of(JsonNode node) {
            return new Fault(
                    node.path("path").asString("/"),
                    node.path("status").asInt(0),
                    node.path("times").asInt(1),
                    node.path("delayMs").asLong(0),
                    node.path("retryAfter").asInt(0));
        }

        private boolean meets(String asked) {
            return asked.startsWith(path);
        }

        private Fault once() {
            return new Fault(path, status, times - 1, delayMillis, retryAfter);
        }
    }

    private final List<Fault> planned = new ArrayList<>();
    private final ReentrantLock guard = new ReentrantLock();
    private volatile boolean any;

    void plan(Fault fault) {
        guard.lock();
        try {
            planned.add(fault);
            any = true;
        } finally {
            guard.unlock();
        }
    }

    void clear() {
        guard.lock();
        try {
            planned.clear();
            any = false;
        } finally {
            guard.unlock();
        }
    }

    /** The failure for a request, which is then used up. */
    Optional<Fault> next(String path) {
        if (!any) {
            return Optional.empty();
        }
        guard.lock();
        try {
            for (int i = 0; i < planned.size(); i++) {
                var fault = planned.get(i);
                if (fault.meets(path)) {
                    use(i, fault);
                    return Optional.of(fault);
                }
            }
            return Optional.empty();
        } finally {
            guard.unlock();
        }
    }

    private void use(int index, Fault fault) {
        if (fault.times() > 1) {
            planned.set(index, fault.once());
        } else {
            planned.remove(index);
            any = !planned.isEmpty();
        }
    }
}
