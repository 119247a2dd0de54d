package dev.millrace.server.http;

import java.util.List;

/** One reason why a request was refused: item of shape B (http-api §1.4). */
public record Issue(String code, String message, List<String> path) {
    public Issue {
        path = List.copyOf(path);
    }
}
