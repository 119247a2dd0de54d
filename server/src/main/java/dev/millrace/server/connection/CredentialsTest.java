package dev.millrace.server.connection;

import dev.millrace.server.integration.Integration;
import java.util.Optional;

/** Tests credentials before they are stored. Implemented by the package that calls providers. */
@FunctionalInterface
public interface CredentialsTest {
    /**
     * The reason why the provider refuses them; empty when it accepts them or when the definition has no verification.
     */
    Optional<String> refusal(Integration integration, Connections.Draft draft) throws InterruptedException;
}
