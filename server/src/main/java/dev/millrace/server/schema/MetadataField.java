package dev.millrace.server.schema;

import java.util.List;
import java.util.Optional;

/**
 * A field of metadata that functions declare, described for people.
 *
 * @param path names of objects and of the field, with dots between
 * @param required whether a function does not run without it
 * @param description may be empty
 * @param fallback JSON text of the value that is used when the field is missing
 * @param functions those that declare it
 */
public record MetadataField(
        String path,
        String type,
        boolean required,
        String description,
        Optional<String> fallback,
        List<String> functions) {
    public MetadataField {
        functions = List.copyOf(functions);
    }
}
