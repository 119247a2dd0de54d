package dev.millrace.server.http;

import java.io.IOException;

/**
 * What a long-lived answer says, bit by bit, on the thread of its request. Such an answer does not count as a request
 * under way: a server that stops ends it at once.
 */
public interface Feed extends AutoCloseable {
    /**
     * Speaks until there is no more to say or {@link #end} was called; called at most once.
     *
     * @throws IOException the client is gone
     */
    void run(Sink out) throws IOException, InterruptedException;

    /** Asks it to return soon; from any thread, also before it runs. */
    void end();

    /** Lets go of what it holds; called once, also when it never ran. */
    @Override
    void close();

    /** The way to the client. */
    interface Sink {
        /**
         * Sends bytes and returns once the network has taken them, so nothing piles up here.
         *
         * @throws IOException the client is gone, or was cut off because it did not take its bytes in time
         */
        void write(byte[] bytes) throws IOException;
    }
}
