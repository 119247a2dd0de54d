package dev.millrace.server.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;

/** Sends calls through one forward proxy, except to this machine and to the hosts named as exceptions. */
final class ProxyChoice extends ProxySelector {
    private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

    private final List<Proxy> proxy;
    private final List<String> direct;

    ProxyChoice(URI proxy, List<String> direct) {
        int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
        this.proxy = List.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.getHost(), port)));
        this.direct = direct.stream()
                .map(host -> host.strip().toLowerCase(Locale.ROOT))
                .map(host -> host.startsWith(".") ? host.substring(1) : host)
                .filter(host -> !host.isEmpty())
                .toList();
    }

    boolean direct(URI uri) {
        var host = AddressGuard.host(uri);
        return AddressGuard.local(host)
                || host.startsWith("127.")
                || host.equals("::1")
                || direct.stream().anyMatch(name -> name.equals("*") || host.equals(name) || host.endsWith('.' + name));
    }

    @Override
    public List<Proxy> select(URI uri) {
        return direct(uri) ? DIRECT : proxy;
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException e) {
        // The failure reaches the caller of the request.
    }
}
