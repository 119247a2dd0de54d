package dev.millrace.server.outbound;

import dev.millrace.server.network.Addresses;
import dev.millrace.server.network.Network;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The ranges that are not part of the public internet, from IANA's registries of special-purpose addresses. */
final class SpecialRanges {
    private static final Network GLOBAL_UNICAST = Network.parse("2000::/3");
    private static final Network NAT64 = Network.parse("64:ff9b::/96");

    // A range inside another one comes before it.
    private static final List<Range> RANGES = List.of(
            range("an address of this machine", "127.0.0.0/8", "::1"),
            range("the unspecified address, which means this machine", "0.0.0.0/8", "::"),
            range(
                    "an address of a cloud's metadata service",
                    "169.254.169.254",
                    "169.254.170.2",
                    "168.63.129.16",
                    "100.100.100.200",
                    "192.0.0.192",
                    "fd00:ec2::254",
                    "fd20:ce::254"),
            range("a link-local address", "169.254.0.0/16", "fe80::/10"),
            range(
                    "an address of a private network",
                    "10.0.0.0/8",
                    "172.16.0.0/12",
                    "192.168.0.0/16",
                    "100.64.0.0/10",
                    "fc00::/7",
                    "fec0::/10",
                    "64:ff9b:1::/48"),
            range(
                    "an address for documentation",
                    "192.0.2.0/24",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "2001:db8::/32",
                    "3fff::/20"),
            range("a multicast address", "224.0.0.0/4", "ff00::/8"),
            range("a reserved address", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4", "2001::/23"));

    private SpecialRanges() {}

    /** @param what completes "It is …" */
    record Range(String what, List<Network> networks) {}

    /** The reason why an address is refused, and the network that would have to be allowed. */
    record Found(String what, Network network) {}

    private static Range range(String what, String... networks) {
        return new Range(what, Arrays.stream(networks).map(Network::parse).toList());
    }

    /** Empty for an address of the public internet. */
    static Optional<Found> of(InetAddress address) {
        for (var range : RANGES) {
            for (var network : range.networks()) {
                if (network.contains(address)) {
                    return Optional.of(new Found(range.what(), network));
                }
            }
        }
        var inner = Address.embedded(address).flatMap(SpecialRanges::of);
        if (inner.isPresent()) {
            return Optional.of(new Found(inner.get().what(), Network.parse(Addresses.text(address))));
        }
        boolean reserved =
                address.getAddress().length == 16 && !GLOBAL_UNICAST.contains(address) && !NAT64.contains(address);
        return reserved
                ? Optional.of(new Found("a reserved address", Network.parse(Addresses.text(address))))
                : Optional.empty();
    }
}
