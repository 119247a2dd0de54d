package dev.millrace.server.function.js;

import java.io.IOException;

/** A worker violated the protocol. The message describes the violation without the frame's contents. */
final class MalformedFrame extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedFrame(String message) {
        super(message);
    }
}
