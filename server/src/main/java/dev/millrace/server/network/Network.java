package dev.millrace.server.network;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** A range of addresses in CIDR notation; a single address is a range of one. */
public final class Network {
    private final InetAddress first;
    private final int bits;

    private Network(InetAddress first, int bits) {
        this.first = first;
        this.bits = bits;
    }

    /** @throws IllegalArgumentException with a message that names the error */
    public static Network parse(String text) {
        var cidr = text.strip();
        int slash = cidr.indexOf('/');
        var address = literal(slash < 0 ? cidr : cidr.substring(0, slash));
        int all = 8 * address.getAddress().length;
        int bits = slash < 0 ? all : prefix(cidr.substring(slash + 1), all);
        var network = new Network(masked(address, bits), bits);
        if (!network.first.equals(address)) {
            throw new IllegalArgumentException(
                    "'" + cidr + "' has bits set behind its prefix; write " + network + " instead");
        }
        return network;
    }

    private static InetAddress literal(String text) {
        try {
            if (text.indexOf('%') < 0) {
                return InetAddress.ofLiteral(text);
            }
        } catch (IllegalArgumentException _) {
            // The exception below has a better message.
        }
        throw new IllegalArgumentException("'" + text + "' is not an IP address; write a range as 10.0.0.0/8");
    }

    private static int prefix(String text, int most) {
        try {
            int bits = Integer.parseInt(text);
            if (bits >= 0 && bits <= most) {
                return bits;
            }
        } catch (NumberFormatException _) {
            // The exception below has a better message.
        }
        throw new IllegalArgumentException("the prefix length '" + text + "' is not between 0 and " + most);
    }

    private static InetAddress masked(InetAddress address, int bits) {
        var bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (bytes[i] & mask(bits - 8 * i));
        }
        return Addresses.of(bytes);
    }

    private static int mask(int bits) {
        return bits >= 8 ? 255 : bits <= 0 ? 0 : 255 << (8 - bits) & 255;
    }

    public boolean contains(InetAddress address) {
        var mine = first.getAddress();
        var other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        for (int i = 0; 8 * i < bits; i++) {
            if ((other[i] & mask(bits - 8 * i)) != (mine[i] & 255)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Network network
                && bits == network.bits
                && Arrays.equals(first.getAddress(), network.first.getAddress());
    }

    @Override
    public int hashCode() {
        return HexFormat.of().formatHex(first.getAddress()).hashCode() + bits;
    }

    @Override
    public String toString() {
        return Addresses.text(first) + '/' + bits;
    }
}
