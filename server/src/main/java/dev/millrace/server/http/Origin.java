package dev.millrace.server.http;

import dev.millrace.server.network.Network;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.jetty.server.Request;

/**
 * The origin of a request, as seen by the first trusted proxy.
 *
 * @param client the client's address
 * @param scheme {@code http} or {@code https}
 * @param authority host, and port unless it is the default one, as the client addresses the server
 * @param trusted whether the peer of the connection is a trusted proxy
 */
public record Origin(InetAddress client, String scheme, String authority, boolean trusted) {
    /** Headers about the origin. They are trusted only if their sender is. */
    static final Set<String> TOLD = Set.of(
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-server",
            "x-forwarded-prefix",
            "x-forwarded-ssl",
            "x-real-ip");

    static Origin of(InetAddress peer, Request request, List<Network> trusted) {
        var uri = request.getHttpURI();
        var direct = new Origin(
                peer, request.isSecure() ? "https" : "http", String.valueOf(uri.getAuthority()), trusts(peer, trusted));
        if (!direct.trusted()) {
            return direct;
        }
        var forwarded = values(request, "Forwarded");
        return forwarded.isEmpty() ? direct.byCustom(request, trusted) : direct.byStandard(forwarded, trusted);
    }

    private static boolean trusts(InetAddress address, List<Network> trusted) {
        return trusted.stream().anyMatch(network -> network.contains(address));
    }

    /** The items of all lines of a header, in order. */
    private static List<String> values(Request request, String name) {
        return request.getHeaders().getValuesList(name).stream()
                .flatMap(line -> Stream.of(line.split(",", -1)))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    /** RFC 7239. */
    private Origin byStandard(List<String> hops, List<Network> trusted) {
        var addresses = new ArrayList<String>();
        for (var hop : hops) {
            addresses.add(parameter(hop, "for").orElse(""));
        }
        int at = first(addresses, trusted);
        var hop = hops.get(at);
        return new Origin(
                address(addresses.get(at)).orElse(client),
                parameter(hop, "proto").filter(Origin::isScheme).orElse(scheme),
                parameter(hop, "host").filter(Origin::isAuthority).orElse(authority),
                true);
    }

    private Origin byCustom(Request request, List<Network> trusted) {
        var addresses = values(request, "X-Forwarded-For");
        var nearest =
                addresses.isEmpty() ? Optional.<InetAddress>empty() : address(addresses.get(first(addresses, trusted)));
        return new Origin(
                nearest.orElse(client),
                last(request, "X-Forwarded-Proto").filter(Origin::isScheme).orElse(scheme),
                last(request, "X-Forwarded-Host").filter(Origin::isAuthority).orElse(authority),
                true);
    }

    private static Optional<String> last(Request request, String name) {
        var values = values(request, name);
        return values.isEmpty()
                ? Optional.empty()
                : Optional.of(values.getLast().toLowerCase(Locale.ROOT));
    }

    /** The index of the last hop that is not a trusted proxy. Clients may have forged everything before it. */
    private static int first(List<String> addresses, List<Network> trusted) {
        int at = addresses.size() - 1;
        while (at > 0
                && address(addresses.get(at)).filter(a -> trusts(a, trusted)).isPresent()) {
            at--;
        }
        return at;
    }

    private static Optional<String> parameter(String hop, String name) {
        for (var pair : hop.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase(name)) {
                var value = pair.substring(equals + 1).strip();
                boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
                return Optional.of(quoted ? value.substring(1, value.length() - 1) : value);
            }
        }
        return Optional.empty();
    }

    /** With or without a port; IPv6 in brackets or without. */
    private static Optional<InetAddress> address(String text) {
        var bare = text;
        if (text.startsWith("[") && text.indexOf(']') > 0) {
            bare = text.substring(1, text.indexOf(']'));
        } else if (text.indexOf(':') > 0 && text.indexOf(':') == text.lastIndexOf(':')) {
            bare = text.substring(0, text.indexOf(':'));
        }
        try {
            return Optional.of(InetAddress.ofLiteral(bare));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static boolean isScheme(String text) {
        return text.equalsIgnoreCase("http") || text.equalsIgnoreCase("https");
    }

    private static boolean isAuthority(String text) {
        return text.matches("[A-Za-z0-9._~\\-\\[\\]:]{1,255}");
    }
}
