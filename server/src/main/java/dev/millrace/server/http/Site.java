package dev.millrace.server.http;

import org.eclipse.jetty.http.HttpFields;

/** The code that a {@link Listener} calls for each request. */
interface Site {
    Response answer(Exchange exchange) throws InterruptedException;

    /** Sets headers of every response. */
    default void prepare(HttpFields.Mutable headers) {}

    /** Whether the request is served even when the server is overloaded. */
    default boolean vital(Exchange exchange) {
        return false;
    }
}
