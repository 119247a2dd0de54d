package dev.millrace.server.outbound;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/** What IP addresses are in themselves. */
final class Address {
    static final InetAddress LOOPBACK = of(new byte[] {127, 0, 0, 1});

    private Address() {}

    static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** As it stands in URLs and settings, without brackets. */
    static String text(InetAddress address) {
        return address instanceof Inet6Address ? HostParser.compressed(address.getAddress()) : address.getHostAddress();
    }

    /**
     * The IPv4 address that an IPv6 address leads to: by NAT64 (64:ff9b::/96), 6to4 (2002::/16) or ISATAP. Java makes those
     * that are merely mapped IPv4 addresses by itself.
     */
    static Optional<InetAddress> embedded(InetAddress address) {
        var bytes = address.getAddress();
        if (bytes.length != 16) {
            return Optional.empty();
        }
        if (begins(bytes, 0, 0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0)) {
            return Optional.of(part(bytes, 12));
        }
        if (begins(bytes, 0, 0x20, 0x02)) {
            return Optional.of(part(bytes, 2));
        }
        boolean isatap = begins(bytes, 8, 0, 0, 0x5e, 0xfe) || begins(bytes, 8, 2, 0, 0x5e, 0xfe);
        return isatap ? Optional.of(part(bytes, 12)) : Optional.empty();
    }

    private static InetAddress part(byte[] bytes, int from) {
        return of(Arrays.copyOfRange(bytes, from, from + 4));
    }

    private static boolean begins(byte[] bytes, int at, int... expected) {
        for (int i = 0; i < expected.length; i++) {
            if ((bytes[at + i] & 255) != expected[i]) {
                return false;
            }
        }
        return true;
    }
}
