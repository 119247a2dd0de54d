package dev.millrace.server.connection;

import tools.jackson.databind.node.ObjectNode;

/** What the definition of a provider wants done as its connections come and go; the package that calls providers does it. */
public interface ConnectionSteps {
    /** Whether the definition has steps for a connection that was made. */
    boolean followConnecting(Connection connection);

    /** Does them; what fails is logged. Gives what is to be added to {@code connection_config}. */
    ObjectNode connected(Connection connection) throws InterruptedException;

    /** Whether the definition has steps for a connection that is to be deleted. */
    boolean precedeDeletion(Connection connection);

    /** Does them; what fails is logged. */
    void deleting(Connection connection) throws InterruptedException;
}
