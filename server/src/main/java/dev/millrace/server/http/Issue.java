package dev.millrace.server.http;

import java.util.List;

/** One error in a request: an item of the list {@code errors} in an error body. */
public record Issue(String code, String message, List<String> path) {
    public Issue {
        path = List.copyOf(path);
    }
}
