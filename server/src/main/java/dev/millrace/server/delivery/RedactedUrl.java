package dev.millrace.server.delivery;

/** Removes the parts of a URL that may hold secrets: the user info, the query and the fragment. */
final class RedactedUrl {
    private RedactedUrl() {}

    static String of(String url) {
        var redacted = url.split("[?#]", 2)[0];
        int host = redacted.indexOf("://") + 3;
        int path = redacted.indexOf('/', host);
        int at = redacted.lastIndexOf('@', path < 0 ? redacted.length() : path);
        return host < 3 || at < host ? redacted : redacted.substring(0, host) + redacted.substring(at + 1);
    }
}
