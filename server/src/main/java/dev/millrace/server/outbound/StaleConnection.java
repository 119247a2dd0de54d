package dev.millrace.server.outbound;

import java.io.IOException;

/** A pooled connection that can no longer be used. Nothing of the request has been sent. */
final class StaleConnection extends IOException {
    StaleConnection() {
        super("stale");
    }
}
