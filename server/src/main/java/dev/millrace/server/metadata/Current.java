package dev.millrace.server.metadata;

import java.util.Optional;

/**
 * The current metadata of a connection.
 *
 * @param version grows by one with every change; 0 when it was never set
 * @param text JSON text of an object; empty when there is no metadata
 */
public record Current(long version, Optional<String> text) {
    byte[] body() {
        return text.orElse("null").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
}
