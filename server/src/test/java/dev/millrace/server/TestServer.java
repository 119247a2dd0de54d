package dev.millrace.server;

import dev.millrace.client.MillraceClient;
import dev.millrace.server.config.Config;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real server on a port of its own, with an empty database. Registered as a static extension it stops after the
 * class's tests; elsewhere, close it.
 */
public final class TestServer implements AfterAllCallback, AutoCloseable {
    private final Path data = TestFolder.create("server");
    private final Config config = TestConfig.of(data, Optional.of(TestDatabase.freshUrl()));
    private Server server;
    private RawClient raw;
    private MillraceClient client;

    private TestServer() {
        server = new Server(config);
        server.start();
        raw = new RawClient(url(), key());
        client = MillraceClient.of(url(), key());
    }

    /** Returns once it answers. */
    public static TestServer start() {
        return new TestServer();
    }

    /** Stops it in good order and starts it again on the same data; the address changes. */
    public void restart() {
        stop();
        server = new Server(config);
        server.start();
        raw = new RawClient(url(), key());
        client = MillraceClient.of(url(), key());
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** The secret key of the environment {@code dev}. */
    public String key() {
        return server.defaultKey().secret().orElseThrow();
    }

    /** The way an application speaks to it. */
    public MillraceClient client() {
        return client;
    }

    /** For what the client hides: status, headers, error bodies. */
    RawClient raw() {
        return raw;
    }

    private void stop() {
        client.close();
        raw.close();
        server.close();
    }

    @Override
    public void close() {
        stop();
        TestFolder.delete(data);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }
}
