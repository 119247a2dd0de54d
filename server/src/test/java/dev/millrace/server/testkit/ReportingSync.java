package dev.millrace.server.testkit;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.client.MillraceClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/** The sync {@code functions/reporting.cjs}, and the HTTP server to which it reports the steps that were acknowledged to it. */
public final class ReportingSync implements AutoCloseable {
    static final String MODEL = "Item";

    private static final String NAME = "reporting";
    private static final int ROUNDS = 60;

    private final HttpServer board;

    /** @param log hears of every acknowledged step */
    public ReportingSync(StoreWriter.Report log) throws IOException {
        board = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        board.createContext("/", exchange -> {
            var words = exchange.getRequestURI().getPath().split("/", -1);
            log.acknowledged(words[1], Integer.parseInt(words[2]));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        board.start();
    }

    public static void deploy(MillraceClient client) {
        Deployment.ofSync(client, NAME, MODEL);
    }

    public void connect(MillraceClient client, String connection) {
        var address = "http://127.0.0.1:" + board.getAddress().getPort();
        client.importConnection(Map.of(
                "provider_config_key",
                "crm",
                "connection_id",
                connection,
                "credentials",
                Map.of("type", "NONE"),
                "metadata",
                Map.of("board", address, "author", author(connection), "rounds", ROUNDS)));
    }

    static String author(String connection) {
        return "f" + connection;
    }

    /** Whether the last run has ended; asked of a server that may be killed meanwhile. */
    static boolean isIdle(RawClient server, String connection) {
        var status = server.get("/sync/status?syncs=" + NAME + "&provider_config_key=crm&connection_id=" + connection)
                .json()
                .path("syncs")
                .path(0)
                .path("status")
                .asString("");
        return !status.isEmpty() && !status.equals("RUNNING");
    }

    static void trigger(RawClient server, String connection) {
        server.post(
                "/sync/trigger",
                "{\"syncs\":[\"" + NAME + "\"],\"provider_config_key\":\"crm\",\"connection_id\":\"" + connection
                        + "\"}");
    }

    @Override
    public void close() {
        board.stop(0);
    }
}
