package dev.millrace.server.outbound;

import dev.millrace.server.network.Network;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What calls may reach besides the public internet, and what of it they may not.
 *
 * @param allowed networks that are open although they are refused by default
 * @param denied networks that are closed whatever else is said
 * @param hosts names in lower case whose addresses are not looked at, link-local ones excepted; {@code .corp.example} means
 *     all names below
 */
public record Reach(List<Network> allowed, List<Network> denied, List<String> hosts) {
    public static final List<Network> LOOPBACK = List.of(Network.parse("127.0.0.0/8"), Network.parse("::1"));

    public Reach {
        allowed = List.copyOf(allowed);
        denied = List.copyOf(denied);
        hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    }

    /** The public internet alone, or with this machine's loopback addresses. */
    public static Reach internet(boolean andLoopback) {
        return new Reach(andLoopback ? LOOPBACK : List.of(), List.of(), List.of());
    }

    public Reach withLoopback() {
        return new Reach(
                Stream.concat(allowed.stream(), LOOPBACK.stream()).distinct().toList(), denied, hosts);
    }

    /** Whether calls may go to this machine itself. */
    public boolean allowsLoopback() {
        return allowed.stream().anyMatch(network -> network.contains(Address.LOOPBACK));
    }

    boolean names(String host) {
        return hosts.stream().anyMatch(name -> name.startsWith(".") ? host.endsWith(name) : host.equals(name));
    }
}
