package dev.millrace.server.proxy;

import dev.millrace.server.db.Database;
import dev.millrace.server.http.Caller;
import dev.millrace.server.http.Http;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.log.Logs;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundConfig;
import dev.millrace.server.testkit.TestDatabase;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** A server with nothing but the proxy, for one connection {@code c1} of one integration {@code mock-none}. */
final class ProxyServer implements AutoCloseable {
    private final Outbound outbound;
    private volatile Target target;
    private final Database db = TestDatabase.fresh();
    private final Logs logs = new Logs(db, UUID.randomUUID(), Clock.systemUTC());
    final Http http;

    ProxyServer(Target target, long bodyLimit) {
        this(target, bodyLimit, OutboundConfig.direct(true));
    }

    ProxyServer(Target target, long bodyLimit, OutboundConfig config) {
        outbound = new Outbound(config);
        this.target = target;
        http = new Http(
                new HttpConfig("127.0.0.1", 0, bodyLimit, Duration.ofSeconds(1)),
                _ -> new Caller(1, new UUID(0, 1), "dev", "key", Set.of("environment:*")),
                new ProxyRoutes(
                                new Proxy(outbound, Clock.systemUTC(), new Random(1), _ -> {}),
                                this::target,
                                logs,
                                Clock.systemUTC())
                        .routes());
    }

    private TargetSource target(long environment, String integration, String connection) {
        if (!integration.equals("mock-none")) {
            throw TargetLookup.unknownIntegration();
        }
        if (!connection.equals("c1")) {
            throw TargetLookup.unknownConnection();
        }
        return () -> target;
    }

    /** From now on the connection is this one. */
    void becomes(Target other) {
        target = other;
    }

    /** What has been written of calls, row by row. */
    List<String> written(String table) {
        return db.withHandle(handle -> handle.createQuery("SELECT t::text FROM " + table + " t")
                .mapTo(String.class)
                .list());
    }

    String url() {
        return "http://127.0.0.1:" + http.port();
    }

    @Override
    public void close() {
        http.close();
        logs.close();
        db.close();
        outbound.close();
    }
}
