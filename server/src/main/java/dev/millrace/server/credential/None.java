package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import tools.jackson.databind.node.ObjectNode;

/** No credentials: the API is open. */
public record None() implements Credentials {
    static final String TYPE = "NONE";

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        return Json.object();
    }
}
