package dev.millrace.server.run;

import dev.millrace.server.vault.SealedColumn;
import java.util.List;
import java.util.stream.Stream;

/** What is encrypted here. */
public final class SealedActions {
    /** Inputs and results of actions. */
    public static final List<SealedColumn> SEALED = Stream.of(AsyncActionStore.SEALED, IdempotencyStore.SEALED)
            .flatMap(List::stream)
            .toList();

    private SealedActions() {}
}
