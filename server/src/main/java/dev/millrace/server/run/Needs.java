package dev.millrace.server.run;

import dev.millrace.server.function.BundleFunction.Capabilities;
import dev.millrace.server.function.js.HostError;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Refuses calls of a bundle function that its definition does not announce. The worker does not offer them either, but
 * the code of a function must not be trusted.
 *
 * @param capabilities empty: a function of an older format, which may make all calls
 */
record Needs(Optional<Capabilities> capabilities) {
    void connection() {
        check("its connection", c -> c.connection() || c.metadata());
    }

    void outbound() {
        check("outbound calls", Capabilities::outbound);
    }

    void metadata() {
        check("metadata", Capabilities::metadata);
    }

    void checkpoints() {
        check("checkpoints", Capabilities::checkpoints);
    }

    void records() {
        check("records", Capabilities::records);
    }

    /** No definition of a bundle function can announce these. */
    void olderFormat(String what) {
        check(what, _ -> false);
    }

    private void check(String what, Predicate<Capabilities> announced) {
        if (capabilities.isPresent() && !announced.test(capabilities.get())) {
            throw HostError.of("The definition of the function does not say that it uses " + what, Optional.empty());
        }
    }
}
