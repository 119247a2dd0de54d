package dev.millrace.server.delivery;

/** An address without what may be secret in it: a query, a password. */
final class ShownUrl {
    private ShownUrl() {}

    static String of(String url) {
        var shown = url.split("[?#]", 2)[0];
        int host = shown.indexOf("://") + 3;
        int path = shown.indexOf('/', host);
        int at = shown.lastIndexOf('@', path < 0 ? shown.length() : path);
        return host < 3 || at < host ? shown : shown.substring(0, host) + shown.substring(at + 1);
    }
}
