package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.net.InternetDomainName;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Optional;

/** Converts texts that callers write as URLs to valid URLs. */
final class Urls {
    private Urls() {}

    /** Whether a text is a URL with any scheme. */
    static boolean valid(String text) {
        try {
            Url.parse(text);
            return true;
        } catch (OutboundFailure e) {
            return e.code().equals("base_url_override_not_allowed");
        }
    }

    /** Decodes percent-encoding; a text with invalid encoding stays unchanged. */
    static String decoded(Url uri) {
        try {
            return URLDecoder.decode(uri.toString(), UTF_8);
        } catch (IllegalArgumentException _) {
            return uri.toString();
        }
    }

    /**
     * Whether two hosts belong to the same owner: they are equal, or have the same registrable domain by the public
     * suffix list.
     */
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

    /** Sets a query parameter: replaces those with its name and leaves all others unchanged. */
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
