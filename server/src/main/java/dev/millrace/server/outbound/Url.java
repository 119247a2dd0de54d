package dev.millrace.server.outbound;

import org.jspecify.annotations.Nullable;

/**
 * An http or https address, parsed by the rules that browsers follow (WHATWG URL). Fragments are dropped: they are never
 * sent.
 *
 * @param userInfo what stands before the host, still encoded; empty for nothing
 * @param host in lower case and ASCII; an IPv6 address in brackets
 * @param port −1 for the usual one of the scheme
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
     * @throws OutboundFailure {@code unknown_error} for what is no URL, without showing it: it may hold credentials;
     *     {@code base_url_override_not_allowed} for other schemes
     */
    public static Url parse(String text) {
        return UrlParser.absolute(text);
    }

    /** Where a reference leads that was found at this address. */
    public Url resolve(String reference) {
        return UrlParser.relative(this, reference);
    }

    public boolean secure() {
        return scheme.equals("https");
    }

    /** The port that is connected to. */
    public int effectivePort() {
        return port >= 0 ? port : usualPort(scheme);
    }

    static int usualPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }

    /** The host as names and addresses are looked up: without brackets and without the dot of the root. */
    public String bareHost() {
        if (host.startsWith("[")) {
            return host.substring(1, host.length() - 1);
        }
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    /** Host and port, as the {@code Host} header names them. */
    public String authority() {
        return port < 0 ? host : host + ':' + port;
    }

    /** Scheme, host and port. */
    public String origin() {
        return scheme + "://" + authority();
    }

    /** Path and query, as the request line names them. */
    public String target() {
        return query == null ? path : path + '?' + query;
    }

    /** The whole address but for a user and a password in it. */
    @Override
    public String toString() {
        return origin() + target();
    }
}
