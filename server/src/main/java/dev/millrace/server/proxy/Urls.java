package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.net.InternetDomainName;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Optional;

/** Texts that callers write as URLs, made into ones that can be sent. */
final class Urls {
    private static final String ALLOWED = "-._~:/?#[]@!$&'()*+,;=%";
    private static final String HEX = "0123456789ABCDEF";

    private Urls() {}

    /** Parses a URL as a browser would: what may not stand in it is percent-encoded, the rest stays as it is. */
    static URI parse(String text) {
        try {
            var uri = new URI(encode(withoutFragment(text)));
            if (uri.getScheme() != null && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException _) {
            // Said below.
        }
        throw ProxyFailure.refused("unknown_error", "Invalid URL: " + text);
    }

    /**
     * Where a reference leads that was found at an address (RFC 3986 §5.2). A mere query belongs to the address's own
     * path, which Java's own resolution forgets.
     */
    static String resolve(URI at, String reference) {
        var trimmed = reference.strip();
        if (trimmed.startsWith("?")) {
            return origin(at) + at.getRawPath() + trimmed;
        }
        try {
            return at.resolve(new URI(encode(withoutFragment(trimmed)))).toString();
        } catch (URISyntaxException _) {
            // To be told as an invalid URL.
            return trimmed;
        }
    }

    static boolean valid(String text) {
        try {
            return new URI(encode(text)).getScheme() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** The port that is connected to: the scheme's own unless another is named. */
    static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    /** Scheme, host and port, without what stands before and behind the two. */
    static String origin(URI uri) {
        return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    }

    /** The text without its percent-encoding; as it is where that is broken. */
    static String decoded(URI uri) {
        try {
            return URLDecoder.decode(uri.toString(), UTF_8);
        } catch (IllegalArgumentException _) {
            return uri.toString();
        }
    }

    /** Whether two hosts belong together: they are the same, or have the same registered name by the list of public suffixes. */
    static boolean sameOwner(String one, String other) {
        return one.equalsIgnoreCase(other)
                || registered(one)
                        .filter(name -> registered(other).filter(name::equals).isPresent())
                        .isPresent();
    }

    private static Optional<InternetDomainName> registered(String host) {
        if (!InternetDomainName.isValid(host)) {
            return Optional.empty();
        }
        var name = InternetDomainName.from(host);
        return name.isUnderPublicSuffix() ? Optional.of(name.topPrivateDomain()) : Optional.empty();
    }

    private static String withoutFragment(String text) {
        int hash = text.indexOf('#');
        return hash < 0 ? text : text.substring(0, hash);
    }

    private static String encode(String text) {
        int start = 0;
        while (start < text.length() && plain(text, start)) {
            start++;
        }
        if (start == text.length()) {
            return text;
        }
        var out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            if (plain(text, i)) {
                out.append((char) point);
            } else {
                for (byte b : Character.toString(point).getBytes(UTF_8)) {
                    out.append('%').append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
                }
            }
            i += Character.charCount(point);
        }
        return out.toString();
    }

    private static boolean plain(String text, int at) {
        char c = text.charAt(at);
        if (c == '%') {
            return at + 2 < text.length() && hex(text.charAt(at + 1)) && hex(text.charAt(at + 2));
        }
        if (c == '[' || c == ']') {
            // Java takes brackets in the query and around an IPv6 address, not in a path.
            int query = text.indexOf('?');
            int authority = text.indexOf("//");
            return (query >= 0 && at > query) || (authority >= 0 && text.indexOf('/', authority + 2) > at);
        }
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || ALLOWED.indexOf(c) >= 0;
    }

    private static boolean hex(char c) {
        return Character.digit(c, 16) >= 0;
    }

    /** Sets a query parameter: replaces those of its name, leaves all others as they are written. */
    static String set(String url, String name, String value) {
        var pair = URLEncoder.encode(name, UTF_8) + '=' + URLEncoder.encode(value, UTF_8);
        int mark = url.indexOf('?');
        if (mark < 0) {
            return url + '?' + pair;
        }
        var pairs = new ArrayList<String>();
        boolean placed = false;
        for (var given : url.substring(mark + 1).split("&", -1)) {
            if (!named(given, name)) {
                pairs.add(given);
            } else if (!placed) {
                pairs.add(pair);
                placed = true;
            }
        }
        if (!placed) {
            pairs.add(pair);
        }
        pairs.removeIf(String::isEmpty);
        return url.substring(0, mark + 1) + String.join("&", pairs);
    }

    private static boolean named(String pair, String name) {
        int equals = pair.indexOf('=');
        var given = equals < 0 ? pair : pair.substring(0, equals);
        if (given.indexOf('%') < 0 && given.indexOf('+') < 0) {
            return given.equals(name);
        }
        try {
            return URLDecoder.decode(given, UTF_8).equals(name);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
