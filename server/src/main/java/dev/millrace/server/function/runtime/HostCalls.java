package dev.millrace.server.function.runtime;

import tools.jackson.databind.JsonNode;

/**
 * What an execution may ask of the platform (runtime/PROTOCOL.md lists the methods). Calls come on virtual threads, one per
 * call and several at once; log lines come one after the other.
 */
public interface HostCalls {
    /** Answers one call; throws {@link HostError} to make it fail inside the function. */
    Reply call(String method, JsonNode head, byte[] body) throws InterruptedException;

    /** Takes a line of {@code nango.log}; {@code meta} is a JSON object or empty. */
    void log(String level, String message, byte[] meta);
}
