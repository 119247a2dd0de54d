package dev.millrace.server.outbound;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.network.Network;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hc.core5.http.HttpHost;

/** The proxy for outgoing calls, except calls to this machine and to the hosts configured as exceptions. */
final class ForwardProxy {
    private final HttpHost host;
    private final Optional<String> authorization;
    private final List<String> names = new ArrayList<>();
    private final List<Network> networks = new ArrayList<>();

    ForwardProxy(URI proxy, List<String> direct) {
        var scheme = "https".equalsIgnoreCase(proxy.getScheme()) ? "https" : "http";
        int port = proxy.getPort() < 0 ? Url.usualPort(scheme) : proxy.getPort();
        host = new HttpHost(scheme, proxy.getHost(), port);
        authorization = Optional.ofNullable(proxy.getUserInfo())
                .map(user -> user.indexOf(':') < 0 ? user + ':' : user)
                .map(user -> "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8)));
        for (var exception : direct) {
            add(exception.strip().toLowerCase(Locale.ROOT));
        }
    }

    private void add(String exception) {
        try {
            networks.add(Network.parse(exception));
        } catch (IllegalArgumentException _) {
            var name = exception.startsWith("*.") ? exception.substring(1) : exception;
            if (!name.isEmpty()) {
                names.add(name.startsWith(".") ? name.substring(1) : name);
            }
        }
    }

    HttpHost host() {
        return host;
    }

    /** The value of the {@code Proxy-Authorization} header. */
    Optional<String> authorization() {
        return authorization;
    }

    boolean is(String name) {
        return host.getHostName().equalsIgnoreCase(name);
    }

    /** Whether an address is called without the proxy. */
    boolean passedBy(Url url) {
        var name = url.bareHost();
        var literal = AddressGuard.literal(name);
        return AddressGuard.isLocal(name)
                || literal.filter(address -> address.isLoopbackAddress()
                                || networks.stream().anyMatch(network -> network.contains(address)))
                        .isPresent()
                || names.stream()
                        .anyMatch(entry -> entry.equals("*")
                                || matches(name, entry)
                                || matches(name + ':' + url.effectivePort(), entry));
    }

    private static boolean matches(String name, String entry) {
        return name.equals(entry) || name.endsWith('.' + entry);
    }
}
