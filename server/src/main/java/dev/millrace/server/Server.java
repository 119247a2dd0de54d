package dev.millrace.server;

import dev.millrace.server.config.Config;
import dev.millrace.server.connect.ConnectAuthenticator;
import dev.millrace.server.db.embedded.EmbeddedPostgres;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.http.Http;
import dev.millrace.server.http.Route;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The composition root: says {@code new} for every service, top to bottom in dependency order, in three parts:
 * {@link Storage}, {@link Execution} and {@link Routes}. Closes in reverse. Start it once, close it once.
 */
public final class Server implements AutoCloseable {
    /** All encrypted columns, for key rotation. */
    public static final List<SealedColumn> SEALED = Storage.SEALED;

    private final Config config;
    private final Clock clock;
    private final Resources resources = new Resources();
    private volatile boolean ready;
    private volatile int port;
    private List<Route> routes = List.of();
    private Optional<Environments> environments = Optional.empty();
    private Optional<String> dashboardPassword = Optional.empty();

    public Server(Config config) {
        this(config, Clock.systemUTC());
    }

    Server(Config config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** The API key of the first environment; empty when another data folder holds it. */
    public record DefaultKey(String environment, Optional<String> secret) {}

    /** Starts everything. Returns when the server accepts requests. */
    public void start() {
        start(EmbeddedPostgres.Progress.NONE);
    }

    /** The same, with a listener for the progress of a first start. */
    public void start(EmbeddedPostgres.Progress progress) {
        try {
            compose(progress);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void compose(EmbeddedPostgres.Progress progress) {
        Supplier<String> publicUrl = () -> config.publicUrl().orElseGet(this::url);
        var storage = new Storage(config, clock, resources, progress);
        environments = Optional.of(storage.environments);
        var execution = new Execution(config, clock, storage, resources, publicUrl);
        var password = BackgroundStep.begin(
                "dashboard password",
                () -> config.dashboard() ? storage.dashboardPassword.createFirst() : Optional.<String>empty());
        var answers = new Routes(clock, storage, execution, config.dashboard(), publicUrl, () -> ready);
        routes = answers.all;

        execution.begin();
        storage.cluster.begin();
        execution.deliveries.begin();
        resources.opened(storage.schedule).start();
        var callers = new ConnectAuthenticator(storage.keys, storage.sessions, storage.environments);
        var http = resources.opened(new Http(config.http(), callers, routes));
        port = http.port();
        resources.opened(new Shutdown(
                http,
                storage.schedule,
                execution.runs,
                answers::endStreams,
                config.http().grace()));
        dashboardPassword = password.result();
        ready = true;
    }

    /** The port it listens on. */
    public int port() {
        return port;
    }

    /** The routes it answers. */
    List<Route> routes() {
        return routes;
    }

    /** The first account key; empty when another data folder holds it. */
    public Optional<String> accountKey() {
        return environments.flatMap(Environments::accountKey);
    }

    /** The password of the dashboard, if this start has created it; nothing else can tell it. */
    public Optional<String> dashboardPassword() {
        return dashboardPassword;
    }

    /** The URL for clients on this machine. */
    public String url() {
        return (config.http().tls().isPresent() ? "https" : "http") + "://localhost:" + port;
    }

    public DefaultKey defaultKey() {
        return new DefaultKey(Environments.DEFAULT, environments.flatMap(e -> e.firstKey(Environments.DEFAULT)));
    }

    /**
     * Lets current work finish within the grace period (see {@link Shutdown}), then stops listening and stops the
     * database.
     */
    @Override
    public void close() {
        ready = false;
        resources.close();
    }
}
