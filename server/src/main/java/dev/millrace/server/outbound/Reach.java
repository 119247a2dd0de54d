package dev.millrace.server.outbound;

import dev.millrace.server.network.Network;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Which addresses may be called.
 *
 * @param allowed networks that may be called although they are refused by default
 * @param denied networks that are refused whatever else is allowed
 * @param hosts lower-case names that may resolve to any address except link-local ones; {@code .corp.example} means all
 * names below
 */
public record Reach(List<Network> allowed, List<Network> denied, List<String> hosts) {
    public static final List<Network> LOOPBACK = List.of(Network.parse("127.0.0.0/8"), Network.parse("::1"));

    public Reach {
        allowed = List.copyOf(allowed);
        denied = List.copyOf(denied);
        hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    }

    /** Only the public internet, optionally with this machine's loopback addresses. */
    public static Reach internet(boolean andLoopback) {
        return new Reach(andLoopback ? LOOPBACK : List.of(), List.of(), List.of());
    }

    public Reach withLoopback() {
        return new Reach(
                Stream.concat(allowed.stream(), LOOPBACK.stream()).distinct().toList(), denied, hosts);
    }

    /** Whether this machine itself may be called. */
    public boolean allowsLoopback() {
        return allowed.stream().anyMatch(network -> network.contains(Address.LOOPBACK));
    }

    boolean names(String host) {
        return hosts.stream().anyMatch(name -> name.startsWith(".") ? host.endsWith(name) : host.equals(name));
    }
}
