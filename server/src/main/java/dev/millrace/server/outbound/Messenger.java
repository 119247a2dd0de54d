package dev.millrace.server.outbound;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Set;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** Sends a request on a connection and reads the head of the response. */
final class Messenger {
    /** Methods that may be repeated when a pooled connection turns out to be closed. */
    private static final Set<String> REPEATABLE = Set.of("GET", "HEAD");

    private static final int MOST_INTERIM_ANSWERS = 20;
    private static final Timeout AT_ONCE = Timeout.ofMilliseconds(1);

    private Messenger() {}

    static ClassicHttpResponse exchange(ClassicHttpRequest request, HttpClientConnection connection)
            throws IOException, HttpException {
        boolean reused = connection.getEndpointDetails().getRequestCount() > 0;
        boolean repeatable = REPEATABLE.contains(request.getMethod());
        if (reused && !repeatable && connection.isStale()) {
            // The check takes a millisecond. It is needed because a request that changes something cannot be repeated.
            throw new StaleConnection();
        }
        long received = connection.getEndpointDetails().getReceivedBytesCount();
        try {
            return send(request, connection);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            boolean silent = connection.getEndpointDetails().getReceivedBytesCount() == received;
            if (reused && repeatable && silent && !Thread.currentThread().isInterrupted()) {
                throw new StaleConnection();
            }
            throw e;
        }
    }

    static ClassicHttpResponse tunnel(ClassicHttpRequest request, HttpClientConnection connection)
            throws IOException, HttpException {
        return send(request, connection);
    }

    private static ClassicHttpResponse send(ClassicHttpRequest request, HttpClientConnection connection)
            throws IOException, HttpException {
        connection.sendRequestHeader(request);
        var broken = sendBody(request, connection);
        if (broken != null && !connection.isDataAvailable(AT_ONCE)) {
            throw broken;
        }
        for (int interim = 0; interim <= MOST_INTERIM_ANSWERS; interim++) {
            var answer = connection.receiveResponseHeader();
            int status = answer.getCode();
            if (status < 100 || status > 999) {
                throw new BrokenAnswer("HPE_INVALID_STATUS", "Parse Error: Invalid status code");
            }
            if (status == 101) {
                throw new BrokenAnswer("EPROTO", "The provider changed to another protocol");
            }
            if (status >= 200) {
                if (MessageSupport.canResponseHaveBody(request.getMethod(), answer)) {
                    connection.receiveResponseEntity(answer);
                }
                return answer;
            }
        }
        throw new BrokenAnswer("EPROTO", "The provider sent too many interim responses");
    }

    /** A server may refuse a body before it has arrived and close the connection. Its response is still read. */
    private static @Nullable SocketException sendBody(ClassicHttpRequest request, HttpClientConnection connection)
            throws IOException, HttpException {
        try {
            if (request.getEntity() != null) {
                connection.sendRequestEntity(request);
            }
            connection.flush();
            return null;
        } catch (SocketException e) {
            return e;
        }
    }
}
