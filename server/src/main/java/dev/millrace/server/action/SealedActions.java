package dev.millrace.server.action;

import dev.millrace.server.encryption.SealedColumn;
import java.util.List;
import java.util.stream.Stream;

/** The encrypted columns of this package. */
public final class SealedActions {
    /** Inputs and results of actions and bundle functions. */
    public static final List<SealedColumn> SEALED = Stream.of(
                    AsyncActionStore.SEALED, IdempotencyStore.SEALED, InvocationStore.SEALED)
            .flatMap(List::stream)
            .toList();

    private SealedActions() {}
}
