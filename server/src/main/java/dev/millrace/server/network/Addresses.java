package dev.millrace.server.network;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** IP addresses and their text. */
public final class Addresses {
    private Addresses() {}

    /** @param bytes 4 or 16 of them */
    public static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The form used in URLs and settings, without brackets. */
    public static String text(InetAddress address) {
        return address instanceof Inet6Address ? compressed(address.getAddress()) : address.getHostAddress();
    }

    /** The longest run of two or more zero groups becomes a double colon (RFC 5952). */
    public static String compressed(byte[] bytes) {
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int run = 0;
            while (i + run < 8 && group(bytes, 2 * (i + run)).equals("0")) {
                run++;
            }
            if (run > length) {
                start = i;
                length = run;
            }
            i += run;
        }
        var out = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                out.append("::");
                i += length - 1;
            } else {
                if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
                    out.append(':');
                }
                out.append(group(bytes, 2 * i));
            }
        }
        return out.toString();
    }

    /** One of the eight groups of an IPv6 address, without leading zeros. */
    public static String group(byte[] bytes, int at) {
        return Integer.toHexString((bytes[at] & 255) << 8 | (bytes[at + 1] & 255));
    }
}
