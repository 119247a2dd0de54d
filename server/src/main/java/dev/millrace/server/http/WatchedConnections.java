package dev.millrace.server.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/** Puts a {@link ClientWatch} between each connection and its protocol. */
record WatchedConnections(ServerConnectionSelector protocol) implements ServerConnectionSelector {
    @Override
    public int bytesToIdentifyConnection() {
        return protocol.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return protocol.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return protocol.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        var watch = new ClientWatch(context.dataReader());
        return new Watched(protocol.connection(new Context(context, DataReader.create(watch))), watch);
    }

    private record Watched(ServerConnection connection, ClientWatch watch)
            implements ServerConnection, InterruptableTask<Void> {
        @Override
        public void handle(Limit limit) throws InterruptedException {
            ScopedValue.where(ClientWatch.CURRENT, watch).<Void, InterruptedException>call(() -> {
                connection.handle(limit);
                return null;
            });
        }

        @Override
        public boolean canInterrupt() {
            return connection instanceof InterruptableTask<?> task && task.canInterrupt();
        }

        @Override
        public Duration idleTime() {
            return connection.idleTime();
        }

        @Override
        public void close(boolean interrupt) {
            connection.close(interrupt);
        }
    }

    /** All as it is, but for the input. */
    private record Context(ConnectionContext all, DataReader dataReader) implements ConnectionContext {
        @Override
        public ListenerContext listenerContext() {
            return all.listenerContext();
        }

        @Override
        public ExecutorService executor() {
            return all.executor();
        }

        @Override
        public DataWriter dataWriter() {
            return all.dataWriter();
        }

        @Override
        public Router router() {
            return all.router();
        }

        @Override
        public Optional<ProxyProtocolData> proxyProtocolData() {
            return all.proxyProtocolData();
        }

        @Override
        public HelidonSocket serverSocket() {
            return all.serverSocket();
        }

        @Override
        public PeerInfo remotePeer() {
            return all.remotePeer();
        }

        @Override
        public PeerInfo localPeer() {
            return all.localPeer();
        }

        @Override
        public boolean isSecure() {
            return all.isSecure();
        }

        @Override
        public String socketId() {
            return all.socketId();
        }

        @Override
        public String childSocketId() {
            return all.childSocketId();
        }
    }
}
