package dev.millrace.server.outbound;

import java.io.IOException;

/** The body of a response is truncated or cannot be decoded. */
public final class BodyFailure extends IOException {
    private final OutboundFailure failure;

    BodyFailure(OutboundFailure failure) {
        super(failure.getMessage(), failure);
        this.failure = failure;
    }

    public OutboundFailure failure() {
        return failure;
    }
}
