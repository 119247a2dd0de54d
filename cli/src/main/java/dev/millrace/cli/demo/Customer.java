package dev.millrace.cli.demo;

import java.io.IOException;
import java.net.URI;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Goes through the Connect page in the story. */
public interface Customer {
    /**
     * What the app hands to its customer.
     *
     * @param link address of the Connect page
     * @param token of the Connect session
     * @param integration what is to be connected
     * @param connected whether that has happened
     */
    record Invitation(URI link, String token, String integration, BooleanSupplier connected) {}

    /**
     * Returns once the customer has connected.
     *
     * @param tell prints a line of the story
     */
    void connect(Invitation invitation, Consumer<String> tell) throws IOException, InterruptedException;
}
