package dev.millrace.server.connection;

import dev.millrace.server.integration.Integration;
import java.util.Optional;

/** Tries credentials out before they are stored; the package that calls providers does it. */
@FunctionalInterface
public interface CredentialsTest {
    /** Why the provider does not take them; empty when it does or when there is no way to find out. */
    Optional<String> refusal(Integration integration, Connections.Draft draft) throws InterruptedException;
}
