package dev.millrace.server.outbound;

import dev.millrace.server.network.Addresses;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/** Properties of IP addresses. */
final class Address {
    static final InetAddress LOOPBACK = Addresses.of(new byte[] {127, 0, 0, 1});

    private Address() {}

    /**
     * The IPv4 address that an IPv6 address leads to: by NAT64 (64:ff9b::/96), 6to4 (2002::/16) or ISATAP. Java itself
     * converts mapped addresses to IPv4.
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
        return Addresses.of(Arrays.copyOfRange(bytes, from, from + 4));
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
