package dev.millrace.server.testkit;

import dev.millrace.client.MillraceClient;
import dev.millrace.server.Server;
import dev.millrace.server.config.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real server on a port of its own, with an empty database. Registered as a static extension it stops after the
 * class's tests; elsewhere, close it.
 */
public final class TestServer implements AfterAllCallback, AutoCloseable {
    private final Path data = TestFolder.create("server");
    private final Config config;
    private Server server;
    private RawClient raw;
    private MillraceClient client;

    @SuppressWarnings("NullAway.Init") // started() follows at once
    private TestServer(String databaseUrl, List<Path> providers, boolean dashboard) {
        var usual = TestConfig.of(data, Optional.of(databaseUrl), providers);
        config = dashboard ? TestConfig.withDashboard(usual) : usual;
    }

    private TestServer started() {
        server = new Server(config);
        server.start();
        raw = new RawClient(url(), key());
        client = MillraceClient.of(url(), key());
        return this;
    }

    /** Returns once it answers. */
    public static TestServer start() {
        return with(List.of());
    }

    /** With definitions of providers besides the built-in ones. */
    public static TestServer with(List<Path> providers) {
        return new TestServer(TestDatabase.freshUrl(), providers, false).started();
    }

    /** With the dashboard, whose password is {@code server().dashboardPassword()}. */
    public static TestServer withDashboard() {
        return new TestServer(TestDatabase.freshUrl(), List.of(), true).started();
    }

    /** Another server on the same database, with a data folder of its own that holds the same keys. */
    public TestServer startPeer() {
        var peer = new TestServer(databaseUrl(), config.providers(), config.dashboard());
        try {
            Files.createDirectories(peer.data.resolve("keys"));
            for (var key : List.of("encryption.key", "keys/dev.key")) {
                Files.copy(data.resolve(key), peer.data.resolve(key));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return peer.started();
    }

    /** Its data folder, which holds the keys. */
    public Path data() {
        return data;
    }

    /** For a look at the tables. */
    public String databaseUrl() {
        return config.databaseUrl().orElseThrow();
    }

    /** Stops it in good order and starts it again on the same data; the address changes. */
    public void restart() {
        stop();
        started();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** The secret key of the environment {@code dev}. */
    public String key() {
        return server.defaultKey().secret().orElseThrow();
    }

    /** The account key of its data folder. */
    public String accountKey() {
        return server.accountKey().orElseThrow();
    }

    /** The server itself, which {@link #restart} replaces. */
    public Server server() {
        return server;
    }

    /** The way an application speaks to it. */
    public MillraceClient client() {
        return client;
    }

    /** For what the client hides: status, headers, error bodies. */
    public RawClient raw() {
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
