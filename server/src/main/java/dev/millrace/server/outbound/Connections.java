package dev.millrace.server.outbound;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.RouteInfo.LayerType;
import org.apache.hc.client5.http.RouteInfo.TunnelType;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The pool of connections to other servers. A connection is reused only with the client certificate that it was opened
 * with. Thread-safe.
 */
final class Connections implements AutoCloseable {
    private static final int MOST = 10_000;
    private static final TimeValue LONGEST_REST = TimeValue.ofMinutes(1);
    private static final TimeValue NEVER = TimeValue.NEG_ONE_MILLISECOND;

    private final PoolingHttpClientConnectionManager pool;
    private final @Nullable ForwardProxy proxy;
    private final Timeout connect;

    Connections(OutboundConfig config, AddressGuard guard, @Nullable ForwardProxy proxy) {
        this.proxy = proxy;
        this.connect = Timeout.of(config.limits().connect());
        pool = PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnTotal(MOST)
                .setMaxConnPerRoute(MOST)
                .setConnectionFactory(Wire::connection)
                .setDnsResolver(resolver(guard, proxy))
                .setTlsSocketStrategy(new Tls(config.extraCaCerts()))
                .setDefaultSocketConfig(SocketConfig.custom()
                        .setSoKeepAlive(true)
                        .setSoTimeout(connect)
                        .build())
                .setDefaultTlsConfig(
                        TlsConfig.custom().setHandshakeTimeout(connect).build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(connect)
                        .setValidateAfterInactivity(NEVER)
                        .build())
                .build();
    }

    /** The operator has chosen the proxy's address; all other addresses are checked. */
    private static DnsResolver resolver(AddressGuard guard, @Nullable ForwardProxy proxy) {
        return new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                return proxy != null && proxy.is(host) ? InetAddress.getAllByName(host) : guard.resolve(host);
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        };
    }

    /** Whether calls to an address go through the proxy. */
    boolean proxied(Url url) {
        return proxy != null && !proxy.passedBy(url);
    }

    /** The value of the {@code Proxy-Authorization} header, for calls that the proxy reads itself. */
    Optional<String> proxyAuthorization() {
        return proxy == null ? Optional.empty() : proxy.authorization();
    }

    HttpRoute route(Url url) {
        var target = new HttpHost(url.scheme(), url.bareHost(), url.effectivePort());
        if (!proxied(url) || proxy == null) {
            return new HttpRoute(target, null, url.secure());
        }
        return url.secure()
                ? new HttpRoute(target, null, proxy.host(), true, TunnelType.TUNNELLED, LayerType.LAYERED)
                : new HttpRoute(target, null, proxy.host(), false);
    }

    ConnectionEndpoint lease(HttpRoute route, @Nullable ClientCertificate certificate) throws InterruptedException {
        var lease = pool.lease("", route, connect, certificate);
        try {
            return lease.get(connect);
        } catch (InterruptedException e) {
            lease.cancel();
            throw e;
        } catch (TimeoutException e) {
            throw OutboundFailure.timeout("ETIMEDOUT", "All of the " + MOST + " connections are taken", e);
        } catch (ExecutionException e) {
            throw OutboundFailure.network("ECONNABORTED", "The server is stopping");
        }
    }

    void connect(ConnectionEndpoint endpoint, HttpClientContext context) throws IOException {
        pool.connect(endpoint, connect, context);
    }

    /** Starts TLS on a connection through the proxy. */
    void secure(ConnectionEndpoint endpoint, HttpClientContext context) throws IOException {
        pool.upgrade(endpoint, context);
    }

    void giveBack(ConnectionEndpoint endpoint, @Nullable ClientCertificate certificate, TimeValue rest) {
        pool.release(endpoint, certificate, rest);
    }

    /** Closes and removes a connection, even if it is in use. */
    void discard(ConnectionEndpoint endpoint) {
        endpoint.close(CloseMode.IMMEDIATE);
        pool.release(endpoint, null, null);
    }

    /** Closes connections that have been idle for too long; returns whether others are left. */
    boolean tidy() {
        pool.closeExpired();
        pool.closeIdle(LONGEST_REST);
        return pool.getTotalStats().getAvailable() > 0;
    }

    @Override
    public void close() {
        pool.close(CloseMode.IMMEDIATE);
    }
}
