package dev.millrace.server.metadata;

import dev.millrace.server.http.Issue;
import java.util.List;

/**
 * The result of a write.
 *
 * @param warnings of the guard, which accepted the object
 */
public record WriteResult(Current current, List<Issue> warnings) {
    public WriteResult {
        warnings = List.copyOf(warnings);
    }
}
