package dev.millrace.server.outbound;

import dev.millrace.server.network.Addresses;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Prevents calls to this machine and to private networks. It also resolves names, so that connections go to exactly the
 * addresses that it has checked.
 */
final class AddressGuard {
    private static final Set<String> METADATA = Set.of(
            "metadata.google.internal", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal");

    private final Reach reach;
    private final Lookup lookup;
    private final Supplier<Set<InetAddress>> own;

    /** Asks the DNS. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    AddressGuard(Reach reach) {
        this(reach, InetAddress::getAllByName, AddressGuard::interfaces);
    }

    AddressGuard(Reach reach, Lookup lookup, Supplier<Set<InetAddress>> own) {
        this.reach = reach;
        this.lookup = lookup;
        this.own = own;
    }

    private static Set<InetAddress> interfaces() {
        var addresses = new HashSet<InetAddress>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .forEach(addresses::add);
        } catch (SocketException e) {
            throw OutboundFailure.network("EADDRNOTAVAIL", "The addresses of this machine cannot be read");
        }
        return addresses;
    }

    /** Refuses addresses and names that can be refused without a DNS query. */
    void check(Url url) {
        var host = url.bareHost();
        if (METADATA.contains(host) && !reach.names(host)) {
            throw denied(host, "it names a cloud's metadata service", "--allow-host " + host);
        }
        if (isLocal(host) && !reach.allowsLoopback() && !reach.names(host)) {
            throw denied(host, "it names this machine", "--allow-loopback");
        }
        literal(host).ifPresent(address -> check(host, address));
    }

    /** The addresses of a host, after all of them have been checked. */
    InetAddress[] resolve(String host) throws UnknownHostException {
        var known = literal(host);
        var addresses = known.isPresent() ? new InetAddress[] {known.get()} : lookup.addresses(host);
        for (var address : addresses) {
            check(host.toLowerCase(Locale.ROOT), address);
        }
        return addresses;
    }

    static boolean isLocal(String host) {
        return host.equals("localhost") || host.endsWith(".localhost");
    }

    static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private void check(String host, InetAddress address) {
        var closed = reach.denied().stream()
                .filter(network -> network.contains(address)
                        || Address.embedded(address).filter(network::contains).isPresent())
                .findFirst();
        if (closed.isPresent()) {
            throw OutboundFailure.refused(
                    "base_url_override_not_allowed",
                    "Calls to " + host + " are not allowed: this server was started with --deny-network " + closed.get()
                            + '.');
        }
        if (reach.allowed().stream().anyMatch(network -> network.contains(address))) {
            return;
        }
        boolean named = reach.names(host) && !address.isLinkLocalAddress();
        if (!named) {
            checkUsual(host, address);
        }
    }

    private void checkUsual(String host, InetAddress address) {
        var special = SpecialRanges.of(address);
        if (special.isPresent()) {
            boolean loopback = Reach.LOOPBACK.stream().anyMatch(network -> network.contains(address));
            var flag = loopback
                    ? "--allow-loopback"
                    : "--allow-network " + special.get().network();
            throw denied(host, "it is " + special.get().what(), flag);
        }
        if (own.get().contains(address)) {
            throw denied(host, "it is an address of this machine", "--allow-network " + Addresses.text(address));
        }
    }

    private static OutboundFailure denied(String host, String why, String flag) {
        return OutboundFailure.refused(
                "base_url_override_not_allowed",
                "Calls to " + host + " are not allowed: " + why + ". Start the server with " + flag
                        + " to allow them.");
    }
}
