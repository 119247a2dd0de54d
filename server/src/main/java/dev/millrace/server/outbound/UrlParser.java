package dev.millrace.server.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses http and https URLs by the WHATWG URL standard. Its errors never contain the text. */
final class UrlParser {
    private static final Pattern SCHEME = Pattern.compile("^([A-Za-z][A-Za-z0-9+.-]*):");
    private static final String IN_PATH = "\"#<>?^`{} ";
    private static final String IN_QUERY = "\"#<>' ";
    private static final String HEX = "0123456789ABCDEF";
    private static final int LAST_PORT = 65_535;

    private UrlParser() {}

    static Url absolute(String text) {
        var url = clean(text);
        var scheme = SCHEME.matcher(url);
        if (!scheme.find()) {
            throw invalid("it has no scheme such as https://");
        }
        return after(http(scheme.group(1)), url.substring(scheme.end()));
    }

    static Url relative(Url at, String text) {
        var reference = clean(text);
        var scheme = SCHEME.matcher(reference);
        if (scheme.find()) {
            var name = http(scheme.group(1));
            var rest = reference.substring(scheme.end());
            // With the same scheme and without slashes it is a relative reference, which the standard keeps for old
            // pages.
            return name.equals(at.scheme()) && slashes(rest) < 2 ? within(at, rest) : after(name, rest);
        }
        return within(at, reference);
    }

    private static Url within(Url at, String reference) {
        if (slashes(reference) >= 2) {
            return after(at.scheme(), reference);
        }
        if (reference.isEmpty()) {
            return at;
        }
        int mark = reference.indexOf('?');
        var path = mark < 0 ? reference : reference.substring(0, mark);
        var query = query(reference, mark);
        if (path.isEmpty()) {
            return new Url(at.scheme(), at.userInfo(), at.host(), at.port(), at.path(), query);
        }
        var whole = slashes(path) == 1 ? path : at.path().substring(0, at.path().lastIndexOf('/') + 1) + path;
        return new Url(at.scheme(), at.userInfo(), at.host(), at.port(), path(whole), query);
    }

    /** Parses the part after the colon of the scheme. */
    private static Url after(String scheme, String text) {
        var rest = text.substring(slashes(text));
        int end = end(rest);
        var authority = rest.substring(0, end);
        int at = authority.lastIndexOf('@');
        var server = authority.substring(at + 1);
        int colon = server.indexOf(':', server.indexOf(']') + 1);
        var host = HostParser.parse(colon < 0 ? server : server.substring(0, colon));
        int port = colon < 0 ? -1 : port(server.substring(colon + 1));
        int mark = rest.indexOf('?', end);
        return new Url(
                scheme,
                at < 0 ? "" : authority.substring(0, at),
                host,
                port == Url.usualPort(scheme) ? -1 : port,
                path(rest.substring(end, mark < 0 ? rest.length() : mark)),
                query(rest, mark));
    }

    private static String http(String scheme) {
        var lower = scheme.toLowerCase(Locale.ROOT);
        if (!lower.equals("http") && !lower.equals("https")) {
            throw OutboundFailure.refused(
                    "base_url_override_not_allowed", "Only http and https addresses can be called, not " + lower + ".");
        }
        return lower;
    }

    private static int end(String text) {
        int end = 0;
        while (end < text.length() && "/\\?".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    private static int slashes(String text) {
        int count = 0;
        while (count < text.length() && (text.charAt(count) == '/' || text.charAt(count) == '\\')) {
            count++;
        }
        return count;
    }

    private static int port(String digits) {
        if (digits.isEmpty()) {
            return -1;
        }
        if (!digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw invalid("its port is not a number");
        }
        var significant = digits.replaceFirst("^0+", "");
        int port = significant.length() > 5 || significant.isEmpty() ? 0 : Integer.parseInt(significant);
        if (port < 1 || port > LAST_PORT) {
            throw invalid("its port is not between 1 and " + LAST_PORT);
        }
        return port;
    }

    /** Encodes a path and resolves its dot segments in all notations. */
    private static String path(String text) {
        var segments = new ArrayList<String>();
        var parts = text.isEmpty()
                ? new String[] {""}
                : text.substring(slashes(text) > 0 ? 1 : 0).split("[/\\\\]", -1);
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            switch (dots(parts[i])) {
                case 0 -> segments.add(encode(parts[i], IN_PATH));
                case 2 -> {
                    if (!segments.isEmpty()) {
                        segments.removeLast();
                    }
                    if (last) {
                        segments.add("");
                    }
                }
                default -> {
                    if (last) {
                        segments.add("");
                    }
                }
            }
        }
        return '/' + String.join("/", segments);
    }

    /** 1 for a segment that means this folder, 2 for the parent folder, 0 for any other. */
    private static int dots(String segment) {
        if (segment.length() > 6 || (!segment.startsWith(".") && !segment.startsWith("%"))) {
            return 0;
        }
        return switch (segment.toLowerCase(Locale.ROOT).replace("%2e", ".")) {
            case "." -> 1;
            case ".." -> 2;
            default -> 0;
        };
    }

    private static @Nullable String query(String text, int mark) {
        return mark < 0 ? null : encode(text.substring(mark + 1), IN_QUERY);
    }

    /** Removes surrounding control characters and spaces, line breaks and tabs inside, and the fragment. */
    private static String clean(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && text.charAt(from) <= ' ') {
            from++;
        }
        while (to > from && text.charAt(to - 1) <= ' ') {
            to--;
        }
        int hash = text.indexOf('#', from);
        var bare = text.substring(from, hash < 0 || hash > to ? to : hash);
        boolean broken = bare.indexOf('\t') >= 0 || bare.indexOf('\n') >= 0 || bare.indexOf('\r') >= 0;
        return broken ? bare.replaceAll("[\\t\\n\\r]", "") : bare;
    }

    private static String encode(String text, String reserved) {
        int start = 0;
        while (start < text.length() && plain(text.charAt(start), reserved)) {
            start++;
        }
        if (start == text.length()) {
            return text;
        }
        var out = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(UTF_8)) {
            if (b > 0 && plain((char) b, reserved)) {
                out.append((char) b);
            } else {
                out.append('%').append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
            }
        }
        return out.toString();
    }

    private static boolean plain(char c, String reserved) {
        return c > ' ' && c < 0x7f && reserved.indexOf(c) < 0;
    }

    static OutboundFailure invalid(String why) {
        return OutboundFailure.refused("unknown_error", "Invalid URL: " + why + ".");
    }
}
