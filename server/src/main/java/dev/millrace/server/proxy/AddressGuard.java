package dev.millrace.server.proxy;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/** Keeps calls away from this machine and its private networks (proxy §9). */
final class AddressGuard {
    private static final Set<String> DENIED = Set.of("metadata.google.internal", "metadata", "instance-data");

    private final boolean allowLoopback;

    AddressGuard(boolean allowLoopback) {
        this.allowLoopback = allowLoopback;
    }

    /** What can be said of an address without asking the DNS. */
    void checkLiteral(URI uri) {
        var host = host(uri);
        if (DENIED.contains(host) || (!allowLoopback && local(host))) {
            throw ProxyFailure.denied(host);
        }
        try {
            checkAddress(host, InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException _) {
            // A name: its addresses are checked before connecting.
        }
    }

    /**
     * Checks every address of the host. The JVM keeps an answer of the DNS for half a minute, so the connection that
     * follows goes to an address that was checked.
     */
    void checkResolved(URI uri) {
        checkLiteral(uri);
        var host = host(uri);
        try {
            for (var address : InetAddress.getAllByName(host)) {
                checkAddress(host, address);
            }
        } catch (UnknownHostException e) {
            throw ProxyFailure.network("ENOTFOUND", "getaddrinfo ENOTFOUND " + host);
        }
    }

    /** The scheme must be checked first: only these two have hosts in this form. */
    static String host(URI uri) {
        var scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        var host = uri.getHost();
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw ProxyFailure.refused(
                    "base_url_override_not_allowed",
                    "Only http and https addresses can be called, not " + scheme + ".");
        }
        if (host == null) {
            throw ProxyFailure.refused("unknown_error", "Invalid URL");
        }
        var bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        var lower = bare.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Whether a name means this machine without the DNS being asked. */
    static boolean local(String host) {
        return host.equals("localhost") || host.endsWith(".localhost");
    }

    private void checkAddress(String host, InetAddress address) {
        boolean allowed = address.isLoopbackAddress() ? allowLoopback : !inside(address);
        if (!allowed) {
            throw ProxyFailure.denied(host);
        }
    }

    private static boolean inside(InetAddress address) {
        var bytes = address.getAddress();
        return switch (address) {
            case Inet4Address _ -> inside4(bytes[0] & 0xff, bytes[1] & 0xff);
            case Inet6Address _ -> inside6(bytes);
            default -> true;
        };
    }

    private static boolean inside4(int first, int second) {
        return switch (first) {
            case 0, 10, 127 -> true;
            case 100 -> (second & 0xc0) == 64;
            case 169 -> second == 254;
            case 172 -> (second & 0xf0) == 16;
            case 192 -> second == 168;
            default -> first >= 224;
        };
    }

    private static boolean inside6(byte[] bytes) {
        int first = group(bytes, 0);
        int second = group(bytes, 1);
        boolean zeros = Arrays.equals(bytes, 0, 12, new byte[12], 0, 12);
        if (zeros || (first == 0x64 && second == 0xff9b && group(bytes, 2) == 0)) {
            // IPv4-compatible and NAT64 addresses carry an IPv4 address at their end.
            return (zeros && group(bytes, 6) == 0) || inside4(bytes[12] & 0xff, bytes[13] & 0xff);
        }
        if (first == 0x2002) {
            return inside4(bytes[2] & 0xff, bytes[3] & 0xff);
        }
        return (first == 0x64 && second == 0xff9b)
                || (first == 0x2001 && second == 0)
                || (first & 0xfe00) == 0xfc00
                || (first & 0xff80) == 0xfe80
                || first >= 0xff00;
    }

    private static int group(byte[] bytes, int index) {
        return (bytes[2 * index] & 0xff) << 8 | (bytes[2 * index + 1] & 0xff);
    }
}
