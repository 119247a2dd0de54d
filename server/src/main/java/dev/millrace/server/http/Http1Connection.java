package dev.millrace.server.http;

import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * One client's connection. Limits the time for the head of a request; Jetty would wait without limit for a client that
 * sends it slowly.
 */
final class Http1Connection extends HttpConnection {
    private final Connections connections;
    /** {@link System#nanoTime} at the beginning of an incomplete head, or 0. */
    private volatile long headSince;

    private volatile boolean crowded;

    Http1Connection(HttpConfiguration config, Connector connector, EndPoint endPoint, Connections connections) {
        super(config, connector, endPoint);
        this.connections = connections;
    }

    @Override
    public void onOpen() {
        begin();
        crowded = !connections.opened(this);
        super.onOpen();
    }

    @Override
    public void onClose(Throwable cause) {
        connections.closed(this);
        super.onClose(cause);
    }

    @Override
    public void onFillable() {
        if (headSince == 0 && getHttpChannel().getRequest() == null) {
            begin();
        }
        super.onFillable();
    }

    /** Whether the connection exceeds the limit. */
    boolean crowded() {
        return crowded;
    }

    private void begin() {
        headSince = System.nanoTime() | 1;
    }

    /** Ends the connection if the head of a request takes longer than this. */
    void endIfLate(long nanos) {
        long since = headSince;
        if (since != 0 && System.nanoTime() - since > nanos) {
            getEndPoint().close(new TimeoutException("The head of the request did not arrive in time"));
        }
    }

    @Override
    protected RequestHandler newRequestHandler() {
        return new RequestHandler() {
            @Override
            public void startRequest(String method, String uri, HttpVersion version) {
                if (headSince == 0) {
                    begin();
                }
                super.startRequest(method, uri, version);
            }

            @Override
            public boolean headerComplete() {
                headSince = 0;
                return super.headerComplete();
            }
        };
    }
}
