package dev.millrace.server.http;

/** The part of a request that a validation error is about. */
public enum Part {
    BODY("invalid_body"),
    QUERY("invalid_query_params"),
    PATH("invalid_uri_params"),
    HEADERS("invalid_headers");

    private final String code;

    Part(String code) {
        this.code = code;
    }

    /** The error code of shape B. */
    public String code() {
        return code;
    }

    /** A refusal with one issue. */
    public Failure refuse(String code, String message, String... path) {
        return new Failure.Invalid(this, java.util.List.of(new Issue(code, message, java.util.List.of(path))));
    }
}
