package dev.millrace.cli;

import dev.millrace.server.Server;
import dev.millrace.server.config.Config;
import dev.millrace.server.db.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A started server. It shuts down gracefully when the process is asked to end. */
final class RunningServer implements AutoCloseable {
    private final Config config;
    private final Server server;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ReentrantLock starting = new ReentrantLock();
    private boolean stopped;

    private RunningServer(Config config, Server server) {
        this.config = config;
        this.server = server;
    }

    static RunningServer start(Config config) {
        checkPort(config);
        var running = new RunningServer(config, new Server(config));
        Runtime.getRuntime().addShutdownHook(new Thread(running::close, "shutdown"));
        new StopSignals(running::halting).handle();
        running.start();
        return running;
    }

    /**
     * A signal during the start waits until it is complete, because everything started so far has to be stopped too.
     */
    private void start() {
        starting.lock();
        try {
            if (!closed.get()) {
                server.start(new StartProgress());
            }
        } catch (RuntimeException e) {
            close();
            throw isTaken(e) ? taken(config, e) : e;
        } finally {
            starting.unlock();
        }
    }

    /** PostgreSQL is a separate process, which does not end with this one. */
    private void halting() {
        if (config.databaseUrl().isEmpty()) {
            EmbeddedPostgres.stopAtOnce(config.data());
        }
    }

    /** Checked before anything is started: usually the user has started a second server by mistake. */
    private static void checkPort(Config config) {
        var http = config.http();
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(http.host()), http.port()));
        } catch (BindException e) {
            throw taken(config, e);
        } catch (IOException e) {
            throw new UserError(
                    "The host '" + http.host() + "' to listen on is unknown: choose another with --host.", e);
        }
    }

    private static boolean isTaken(@Nullable Throwable failure) {
        return failure != null && (failure instanceof BindException || isTaken(failure.getCause()));
    }

    private static UserError taken(Config config, Throwable cause) {
        var http = config.http();
        return new UserError(
                "Cannot listen on " + http.host() + " port " + http.port() + ": " + BindProblem.of(cause)
                        + ". Choose another port with --port (or --port 0 for any free one).",
                cause);
    }

    URI url() {
        return URI.create(server.url());
    }

    Server server() {
        return server;
    }

    /** Whether it stops or has stopped. */
    boolean isClosed() {
        return closed.get();
    }

    /** Prints the server's URL and key. */
    void introduce(PrintWriter out) {
        var key = server.defaultKey();
        out.println();
        out.println("  URL           " + server.url());
        out.println("  Environment   " + key.environment());
        out.println("  Secret key    "
                + key.secret().orElse("(in the data folder of the server that created this environment)"));
        out.println("  Data folder   " + config.data());
        out.println(
                "  Database      " + config.databaseUrl().map(_ -> "your own").orElse("embedded PostgreSQL"));
        if (config.dashboard()) {
            introduceDashboard(out);
        }
        out.println();
        out.flush();
    }

    /** Prints the dashboard's address, and its password at the first start. */
    void introduceDashboard(PrintWriter out) {
        out.println("  Dashboard     " + config.publicUrl().orElseGet(server::url) + "/ui");
        out.println("  Password      "
                + server.dashboardPassword()
                        .map(password -> password + " (shown at the first start only)")
                        .orElse("the one of the first start; for a new one: ./millrace dashboard password" + where()));
    }

    private String where() {
        return config.databaseUrl().isPresent() ? " --database-url ..." : " --data " + config.data();
    }

    /** Waits for Ctrl-C or SIGTERM; the shutdown hook stops the server. A second signal ends the process at once. */
    void await() throws InterruptedException {
        Thread.currentThread().join();
    }

    /**
     * Stops everything. A second caller waits for the first one: the process must not end before PostgreSQL has been
     * stopped, and both a failed step of the demo and the shutdown hook call this.
     */
    @Override
    public void close() {
        closed.set(true);
        starting.lock();
        try {
            if (!stopped) {
                stopped = true;
                server.close();
            }
        } finally {
            starting.unlock();
        }
    }
}
