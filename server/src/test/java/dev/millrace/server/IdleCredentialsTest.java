package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Credentials that nobody has asked for in a day, and what reading fresh ones costs. */
@Tag("slow")
@Timeout(300)
class IdleCredentialsTest {
    @TempDir
    static Path folder;

    private static ScriptedApi api;
    private static TestServer server;

    private static final String DEFINITIONS = """
            plain:
                display_name: Plain
                docs: https://docs.example
                auth_mode: OAUTH2
                authorization_url: @api/authorize
                token_url: @api/token
                proxy: {base_url: @api}
            key:
                display_name: Key
                docs: https://docs.example
                auth_mode: API_KEY
                proxy: {base_url: @api, verification: {endpoints: [/me]}}
                credentials:
                    apiKey: {type: string, title: Key, description: Key}
            """;

    @BeforeAll
    static void start() throws IOException {
        api = new ScriptedApi();
        server = TestServer.with(
                List.of(Files.writeString(folder.resolve("own.yaml"), DEFINITIONS.replace("@api", api.url()))));
        server.client()
                .createIntegration(Map.of(
                        "provider",
                        "plain",
                        "unique_key",
                        "plain",
                        "credentials",
                        Map.of("type", "OAUTH2", "client_id", "id", "client_secret", "secret", "scopes", "")));
        server.client().createIntegration(Map.of("provider", "key", "unique_key", "key"));
    }

    @AfterAll
    static void stop() {
        server.close();
        api.close();
    }

    private static void connect(String integration, String id, String credentials) {
        var reply = server.raw().post("/connections", """
                {"provider_config_key":"%s","connection_id":"%s","credentials":%s}""".formatted(integration, id, credentials));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(201);
    }

    private static String token(Duration goodFor) {
        return "{\"type\":\"OAUTH2\",\"access_token\":\"old\",\"refresh_token\":\"refresh\",\"expires_at\":\""
                + Instant.now().plus(goodFor) + "\"}";
    }

    private static RawClient.Reply get(String integration, String id) {
        return server.raw().get("/connections/" + id + "?provider_config_key=" + integration);
    }

    private static void execute(String sql) {
        try (var connection = DriverManager.getConnection(server.databaseUrl());
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void idle_tokens_are_renewed_and_idle_keys_are_tried_out() {
        connect("plain", "idle", token(Duration.ofMinutes(5)));
        connect("plain", "used", token(Duration.ofMinutes(5)));
        connect("key", "good", "{\"type\":\"API_KEY\",\"apiKey\":\"good-key\"}");
        execute("UPDATE connection SET last_fetched_at = now() - interval '25 hours' WHERE connection_id <> 'used'");
        api.answers(asked -> switch (asked.path()) {
            case "/token" -> Given.json(200, "{\"access_token\":\"new\",\"expires_in\":3600}");
            default -> Given.json(401, "{}");
        });

        server.restart();

        await().atMost(Duration.ofSeconds(90))
                .until(() -> api.asked().size() == 2
                        && get("key", "good").status() == 200
                        && !get("key", "good").json().path("errors").isEmpty());
        assertThat(api.asked()).extracting(ScriptedApi.Asked::path).containsExactlyInAnyOrder("/token", "/me");
        assertThat(get("plain", "idle").json().at("/credentials/access_token").asString())
                .isEqualTo("new");
        assertThat(get("key", "good").json().at("/errors/0/type").asString()).isEqualTo("auth");

        api.answers(_ -> Given.json(200, "{}"));
        execute("UPDATE connection SET last_fetched_at = now() - interval '25 hours' WHERE connection_id = 'good'");
        server.restart();

        await().atMost(Duration.ofSeconds(90))
                .until(() -> get("key", "good").json().path("errors").isEmpty());
    }

    /** Each statement outside of a transaction counts as one. */
    @Test
    void a_fresh_token_costs_no_more_statements_than_a_key() throws Exception {
        connect("plain", "fresh", token(Duration.ofHours(1)));
        api.answers(_ -> Given.json(200, "{}"));
        connect("key", "cheap", "{\"type\":\"API_KEY\",\"apiKey\":\"cheap-key\"}");

        var key = statements(() -> get("key", "cheap"));
        var token = statements(() -> get("plain", "fresh"));

        assertThat(key).isBetween(300L, 450L);
        assertThat(token).isBetween(300L, 450L);
    }

    private static long statements(Runnable read) throws Exception {
        read.run();
        long before = settled();
        for (int i = 0; i < 300; i++) {
            read.run();
        }
        return settled() - before;
    }

    /** The server's sessions tell of their work about a second later. */
    private static long settled() throws Exception {
        new java.util.concurrent.CountDownLatch(1).await(2, java.util.concurrent.TimeUnit.SECONDS);
        get("key", "none");
        try (var connection = DriverManager.getConnection(server.databaseUrl());
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")) {
            row.next();
            return row.getLong(1);
        }
    }
}
