package dev.millrace.server.outbound;

import org.jspecify.annotations.Nullable;

/**
 * An http or https URL, parsed by the WHATWG URL standard, which browsers follow. Fragments are dropped, because they
 * are never sent.
 *
 * @param userInfo the part before the host, still encoded; empty if there is none
 * @param host in lower case and ASCII; an IPv6 address is in brackets
 * @param port −1 for the default port of the scheme
 * @param path encoded, begins with a slash, has no dot segments
 * @param query encoded, without the question mark; null when there is none
 */
public record Url(
        String scheme,
        String userInfo,
        String host,
        int port,
        String path,
        @Nullable String query) {
    /**
     * @throws OutboundFailure {@code unknown_error} for a text that is not a URL, without showing it, because it may
     * contain credentials; {@code base_url_override_not_allowed} for other schemes
     */
    public static Url parse(String text) {
        return UrlParser.absolute(text);
    }

    /** Resolves a reference found at this URL. */
    public Url resolve(String reference) {
        return UrlParser.relative(this, reference);
    }

    public boolean secure() {
        return scheme.equals("https");
    }

    /** The port to connect to. */
    public int effectivePort() {
        return port >= 0 ? port : usualPort(scheme);
    }

    static int usualPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }

    /** The host in the form for lookups: without brackets and without a trailing dot. */
    public String bareHost() {
        if (host.startsWith("[")) {
            return host.substring(1, host.length() - 1);
        }
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    /** Host and port in the form of the {@code Host} header. */
    public String authority() {
        return port < 0 ? host : host + ':' + port;
    }

    /** Scheme, host and port. */
    public String origin() {
        return scheme + "://" + authority();
    }

    /** Path and query in the form of the request line. */
    public String target() {
        return query == null ? path : path + '?' + query;
    }

    /** The whole URL without a user and password. */
    @Override
    public String toString() {
        return origin() + target();
    }
}
