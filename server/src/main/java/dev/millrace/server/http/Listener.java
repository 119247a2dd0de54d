package dev.millrace.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpCompliance.Violation;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.ThreadPool;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jetty, configured to accept what the standard allows, to refuse what it forbids, and to limit every wait. */
final class Listener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    private static final int ACCEPT_QUEUE = 1024;
    private static final int LARGEST_HEAD = 72 * 1024;
    private static final int LARGEST_ANSWER_HEAD = 256 * 1024;
    private static final long SPARE_HEAP_BUFFERS = 4L * 1024 * 1024;
    private static final long SPARE_DIRECT_BUFFERS = 16L * 1024 * 1024;

    private final Server server;
    private final ServerConnector connector;
    private final Connections connections;
    private final Optional<Certificate> certificate;
    private final Duration pause;
    private final Service service;

    /** Starts listening. */
    Listener(HttpConfig config, Site site) {
        var limits = config.limits();
        connections = new Connections(limits.head(), limits.connections());
        certificate = config.tls().map(Certificate::new);
        server = new Server(threads());
        service = new Service(config, site);
        server.setHandler(service);
        server.setErrorHandler(new ErrorAnswers(site));
        var pool = new ArrayByteBufferPool(-1, -1, -1, -1, SPARE_HEAP_BUFFERS, SPARE_DIRECT_BUFFERS);
        connector = new ServerConnector(server, null, null, pool, 1, 1, protocols());
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setIdleTimeout(limits.idle().toMillis());
        connector.setShutdownIdleTimeout(0);
        server.addConnector(connector);
        server.setStopTimeout(0);
        start();
        pause = Duration.ofMillis(
                Math.min(LONGEST_PAUSE.toMillis(), limits.head().toMillis() / 4 + 1));
        watch();
    }

    /** Does the periodic checks. */
    private void watch() {
        connections.endLate();
        certificate.ifPresent(Certificate::refresh);
        if (server.isRunning()) {
            connector.getScheduler().schedule(this::watch, pause.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void start() {
        try {
            server.start();
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            close();
            throw new IllegalStateException("Jetty does not start", e);
        }
    }

    private ConnectionFactory[] protocols() {
        var http = new Http1(configuration(certificate.isPresent()));
        return certificate
                .map(c -> new ConnectionFactory[] {new SslConnectionFactory(c.factory(), http.getProtocol()), http})
                .orElseGet(() -> new ConnectionFactory[] {http});
    }

    /** As many threads as there are requests; {@link Service} limits the requests. Jetty's own limit is 200. */
    private static ThreadPool threads() {
        var threads = new VirtualThreadPool(0);
        threads.setName("http");
        return threads;
    }

    private static HttpConfiguration configuration(boolean secure) {
        var config = new HttpConfiguration();
        config.setSendServerVersion(false);
        config.setRequestHeaderSize(LARGEST_HEAD);
        // Header values are passed on and signed unchanged.
        config.setHeaderCacheCaseSensitive(true);
        config.setMaxResponseHeaderSize(LARGEST_ANSWER_HEAD);
        config.setHttpCompliance(HttpCompliance.from("RFC9110,MISMATCHED_AUTHORITY,MULTIPLE_CONTENT_LENGTHS")
                .without("RFC9110_CRLF", Violation.LF_HEADER_TERMINATION, Violation.LF_CHUNK_TERMINATION));
        // The router needs the path as received, and the proxy passes it on unchanged.
        config.setUriCompliance(UriCompliance.UNSAFE);
        config.addCustomizer((request, _) -> {
            var coding = request.getHeaders().get(HttpHeader.TRANSFER_ENCODING);
            if (coding != null && !coding.equalsIgnoreCase("chunked")) {
                throw new HttpException.RuntimeException(501, "Only the transfer coding chunked is supported.");
            }
            return request;
        });
        if (secure) {
            config.addCustomizer(new SecureRequestCustomizer(false));
        }
        return config;
    }

    private final class Http1 extends HttpConnectionFactory {
        Http1(HttpConfiguration config) {
            super(config);
        }

        @Override
        public Connection newConnection(Connector connector, EndPoint endPoint) {
            var connection = new Http1Connection(getHttpConfiguration(), connector, endPoint, connections);
            return configure(connection, connector, endPoint);
        }
    }

    int port() {
        return connector.getLocalPort();
    }

    /** Responds with 503 to all further requests. */
    void refuse() {
        service.refuse();
    }

    boolean awaitIdle(Duration longest) throws InterruptedException {
        return service.awaitIdle(longest);
    }

    /** Stops listening; requests in progress are ended. Jetty's own stop has no time limit. */
    @Override
    public void close() {
        service.interrupt();
        var stop = new FutureTask<Void>(() -> {
            server.stop();
            return null;
        });
        Thread.ofPlatform().daemon().name("http-stop").start(stop);
        try {
            stop.get(LONGEST_STOP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            LOG.warn("Jetty has not stopped after {} s; the stop continues without it", LONGEST_STOP.toSeconds());
        } catch (ExecutionException e) {
            throw new IllegalStateException("Jetty does not stop", e.getCause());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
