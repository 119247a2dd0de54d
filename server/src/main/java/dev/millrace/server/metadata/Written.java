package dev.millrace.server.metadata;

import dev.millrace.server.http.Issue;
import java.util.List;

/**
 * What a write left behind.
 *
 * @param warnings what the guard says about the object without refusing it
 */
public record Written(Current current, List<Issue> warnings) {
    public Written {
        warnings = List.copyOf(warnings);
    }
}
