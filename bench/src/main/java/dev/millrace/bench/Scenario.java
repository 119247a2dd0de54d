package dev.millrace.bench;

import java.io.IOException;

/** A measurement. */
interface Scenario {
    String name();

    /** One line for the help. */
    String about();

    /** Measures it on a prepared server. */
    Result run(Stage stage, Settings settings) throws IOException, InterruptedException;
}
