package dev.millrace.server.http;

import java.util.List;

/** One reason why a request was refused: an item of the list {@code errors} in an error body. */
public record Issue(String code, String message, List<String> path) {
    public Issue {
        path = List.copyOf(path);
    }
}
