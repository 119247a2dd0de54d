package dev.millrace.server.http;

import org.eclipse.jetty.http.HttpFields;

/** What a {@link Listener} asks for answers. */
interface Site {
    Response answer(Exchange exchange) throws InterruptedException;

    /** Sets what every answer carries. */
    default void prepare(HttpFields.Mutable headers) {}

    /** Whether it is answered however much there is to do. */
    default boolean vital(Exchange exchange) {
        return false;
    }
}
