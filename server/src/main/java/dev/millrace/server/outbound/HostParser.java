package dev.millrace.server.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.network.Addresses;
import java.io.ByteArrayOutputStream;
import java.net.IDN;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Parses the host of a URL: a name, an IPv4 address in any notation, or an IPv6 address in brackets. */
final class HostParser {
    private static final String FORBIDDEN = " #/:<>?@[\\]^|%";
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0[xX][0-9a-fA-F]*");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:]+(:[0-9]{1,3}(\\.[0-9]{1,3}){3})?");
    private static final long ADDRESSES = 1L << 32;

    private HostParser() {}

    static String parse(String text) {
        if (text.startsWith("[")) {
            if (!text.endsWith("]")) {
                throw UrlParser.invalid("the bracket of its IPv6 address is not closed");
            }
            return '[' + ipv6(text.substring(1, text.length() - 1)) + ']';
        }
        var name = ascii(decoded(text));
        if (name.isEmpty()) {
            throw UrlParser.invalid("it names no host");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c >= 0x7f || FORBIDDEN.indexOf(c) >= 0) {
                throw UrlParser.invalid("its host has a character that no host has");
            }
        }
        return numeric(name) ? ipv4(name) : name;
    }

    private static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        var bytes = text.getBytes(UTF_8);
        var out = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%' && i + 2 < bytes.length && hex(bytes[i + 1]) >= 0 && hex(bytes[i + 2]) >= 0) {
                out.write(hex(bytes[i + 1]) << 4 | hex(bytes[i + 2]));
                i += 2;
            } else {
                out.write(bytes[i]);
            }
        }
        return out.toString(UTF_8);
    }

    private static int hex(byte digit) {
        return digit < 0 ? -1 : Character.digit(digit, 16);
    }

    private static String ascii(String name) {
        if (name.chars().allMatch(c -> c < 0x80)) {
            return name.toLowerCase(Locale.ROOT);
        }
        try {
            return IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
            throw UrlParser.invalid("its host is not a valid international domain name");
        }
    }

    /** Whether the last label is a number; the whole host must then be an address. */
    private static boolean numeric(String name) {
        var labels = labels(name);
        return NUMBER.matcher(labels.getLast()).matches();
    }

    private static List<String> labels(String name) {
        var labels = new ArrayList<>(Arrays.asList(name.split("\\.", -1)));
        if (labels.size() > 1 && labels.getLast().isEmpty()) {
            labels.removeLast();
        }
        return labels;
    }

    private static String ipv4(String name) {
        var numbers = labels(name).stream().map(HostParser::number).toList();
        int count = numbers.size();
        long last = numbers.getLast();
        if (count > 4 || last >= ADDRESSES >> (8 * (count - 1))) {
            throw notIpv4();
        }
        long address = last;
        for (int i = 0; i < count - 1; i++) {
            if (numbers.get(i) > 255) {
                throw notIpv4();
            }
            address += numbers.get(i) << (8 * (3 - i));
        }
        return (address >> 24) + "." + (address >> 16 & 255) + '.' + (address >> 8 & 255) + '.' + (address & 255);
    }

    /** Decimal, octal after a leading 0, or hexadecimal after 0x. */
    private static long number(String label) {
        if (!NUMBER.matcher(label).matches()) {
            throw notIpv4();
        }
        boolean hexadecimal = label.startsWith("0x") || label.startsWith("0X");
        var digits = label.substring(hexadecimal ? 2 : 0).replaceFirst("^0+(?=.)", "");
        int radix = hexadecimal ? 16 : label.length() > 1 && label.startsWith("0") ? 8 : 10;
        if (digits.isEmpty()) {
            return 0;
        }
        if (digits.length() > 16) {
            throw notIpv4();
        }
        try {
            return Long.parseLong(digits, radix);
        } catch (NumberFormatException _) {
            throw notIpv4();
        }
    }

    private static OutboundFailure notIpv4() {
        return UrlParser.invalid("its host ends in a number but is not an IPv4 address");
    }

    private static String ipv6(String text) {
        try {
            if (!IPV6.matcher(text).matches()) {
                throw new IllegalArgumentException("not of its characters");
            }
            var bytes = InetAddress.ofLiteral(text).getAddress();
            return bytes.length == 4
                    ? "::ffff:" + Addresses.group(bytes, 0) + ':' + Addresses.group(bytes, 2)
                    : Addresses.compressed(bytes);
        } catch (IllegalArgumentException _) {
            throw UrlParser.invalid("its host is not an IPv6 address");
        }
    }
}
