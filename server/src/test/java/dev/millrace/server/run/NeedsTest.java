package dev.millrace.server.run;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.function.BundleFunction.Capabilities;
import dev.millrace.server.function.js.HostError;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The worker does not offer these calls; a function that makes them all the same is refused by the server. */
class NeedsTest {
    @Test
    void calls_beyond_the_capabilities_of_a_bundle_function_are_refused() {
        var none = new Needs(Optional.of(new Capabilities(false, false, false, false, false)));
        var all = new Needs(Optional.of(new Capabilities(true, true, true, true, true)));

        for (ThrowingCallable call : calls(none)) {
            assertThatThrownBy(call).isInstanceOf(HostError.class);
        }
        for (ThrowingCallable call : calls(all)) {
            assertThatCode(call).doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> all.olderFormat("locks"))
                .isInstanceOf(HostError.class)
                .hasMessageContaining("locks");
        assertThatCode(() -> new Needs(Optional.empty()).olderFormat("locks")).doesNotThrowAnyException();
    }

    private static List<ThrowingCallable> calls(Needs needs) {
        return List.of(needs::connection, needs::outbound, needs::metadata, needs::checkpoints, needs::records);
    }
}
