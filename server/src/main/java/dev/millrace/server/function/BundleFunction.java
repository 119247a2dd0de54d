package dev.millrace.server.function;

import tools.jackson.databind.JsonNode;

/**
 * A function deployed as a bundle: stored and compared, not executed.
 *
 * @param definition as it was sent, without its code
 */
public record BundleFunction(Key key, JsonNode definition, String codeHash) {
    /** Its identity. Unlike that of older functions it does not include the kind. */
    public record Key(String integration, String name) {}

    /** {@code none}, {@code schedule}, {@code http} or {@code event}. */
    public String trigger() {
        return definition.at("/trigger/kind").asString("none");
    }
}
