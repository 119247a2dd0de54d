package dev.millrace.server.function.js;

import java.io.IOException;

/** A worker broke the protocol. The message tells how, and nothing of the frame's contents. */
final class MalformedFrame extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedFrame(String message) {
        super(message);
    }
}
