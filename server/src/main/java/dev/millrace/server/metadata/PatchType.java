package dev.millrace.server.metadata;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Request;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The kind of a PATCH body, by its content type. */
enum PatchType {
    /** Top-level keys replace those of the stored object. */
    SHALLOW,
    /** RFC 7396. */
    MERGE_PATCH,
    /** RFC 6902. */
    JSON_PATCH;

    static PatchType of(Request request) {
        var type = request.header("Content-Type").orElse("application/json");
        return switch (type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT)) {
            case "application/merge-patch+json" -> MERGE_PATCH;
            case "application/json-patch+json" -> JSON_PATCH;
            case String t when t.startsWith("application/json") -> SHALLOW;
            default ->
                throw Failure.plain(
                        415,
                        "invalid_content_type",
                        "Content-Type header must be application/json, application/merge-patch+json or"
                                + " application/json-patch+json");
        };
    }

    /** @param field name of the body's field that holds the patch, for messages */
    Edit edit(JsonNode patch, String... field) {
        if (this == JSON_PATCH) {
            return Edit.jsonPatch(JsonPatch.read(patch, field));
        }
        if (!(patch instanceof ObjectNode object)) {
            throw Part.BODY.refuse("invalid_type", "Invalid input: expected record, received array", field);
        }
        return this == MERGE_PATCH ? Edit.mergePatch(object) : Edit.merge(object);
    }
}
