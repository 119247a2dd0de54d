package dev.millrace.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.Consumer;

/** Somebody at the terminal, who opens the page in a browser, or presses Enter to leave it to the demo. */
public final class Person implements Customer {
    private static final int LOOK_AFTER_MILLIS = 300;
    /** The link expires after half an hour. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(25);

    private final InputStream terminal;

    /** @param terminal where Enter is read from */
    public Person(InputStream terminal) {
        this.terminal = terminal;
    }

    @Override
    public void connect(Invitation invitation, Consumer<String> tell) throws IOException, InterruptedException {
        // Enter may have been pressed while the demo started.
        terminal.skipNBytes(terminal.available());
        tell.accept("Open the page in a browser on this machine and connect, or press Enter and the demo connects.");
        var until = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (!invitation.connected().getAsBoolean()) {
            if (terminal.available() > 0 || System.nanoTime() > until) {
                terminal.skipNBytes(terminal.available());
                new PlayedCustomer().connect(invitation, tell);
                return;
            }
            Thread.sleep(LOOK_AFTER_MILLIS);
        }
    }
}
