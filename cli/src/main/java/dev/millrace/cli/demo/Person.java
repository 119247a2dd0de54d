package dev.millrace.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** Somebody at the terminal, who opens the page in a browser, or presses Enter to leave it to the demo. */
public final class Person implements Customer {
    private static final int LOOK_AFTER_MILLIS = 300;

    private final InputStream terminal;

    /** @param terminal where Enter is read from */
    public Person(InputStream terminal) {
        this.terminal = terminal;
    }

    @Override
    public void connect(Invitation invitation, Consumer<String> tell) throws IOException, InterruptedException {
        tell.accept("Open the page in a browser and connect. Or press Enter: the demo does it for you.");
        while (!invitation.connected().getAsBoolean()) {
            if (terminal.available() > 0) {
                terminal.readNBytes(terminal.available());
                new PlayedCustomer().connect(invitation, tell);
                return;
            }
            Thread.sleep(LOOK_AFTER_MILLIS);
        }
    }
}
