package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestServer;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever a function says or does, no secret of its connection is stored in a log. */
@Timeout(300)
class LogSecretsTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final String TOKEN = "tok-\"quoted\" & s3cret/value";
    private static final String REFRESH = "r3fresh-token-value";
    private static final String SECRET = "cl1ent-secret-value";

    /** Everything a careless author does. */
    private static final String CARELESS = """
            nango.setLogger({ level: 'debug' });
            const url = (await nango.getMetadata()).mock;
            const connection = await nango.getConnection(undefined, undefined, { refreshToken: true });
            await nango.log('mine: ' + connection.credentials.access_token);
            await nango.log(connection);
            await nango.log('nested', { text: JSON.stringify(connection.credentials) });
            console.log(await nango.getToken(), connection.credentials.raw);
            console.log('https://x.example/?q=' + encodeURIComponent(connection.credentials.access_token));
            console.log(Buffer.from(connection.credentials.access_token).toString('base64'));
            await nango.log('integration', await nango.getIntegration({ include: ['credentials'] }));
            const answer = await nango.post({ endpoint: '/echo', baseUrlOverride: url, data: connection.credentials,
              params: { token: connection.credentials.access_token } });
            await nango.log('answer', answer);
            await nango.log('body', answer.data);
            await nango.log('other', { password: 'unknown-to-us-1', deeper: { access_token: 'unknown-to-us-2' } });
            await nango.log('Authorization: Bearer unknown-to-us-3456789');
            throw new nango.ActionError({ sent: answer.data.headers, credentials: connection.credentials });
            """;

    @Test
    void nothing_secret_is_stored() throws Exception {
        try (var api = new MockApi()) {
            server.client()
                    .createIntegration(Map.of(
                            "provider",
                            "github",
                            "unique_key",
                            "crm",
                            "credentials",
                            Map.of(
                                    "type",
                                    "OAUTH2",
                                    "client_id",
                                    "the-client",
                                    "client_secret",
                                    SECRET,
                                    "scopes",
                                    "a")));
            var scripts = Scripts.on(server.client()).action("careless", CARELESS);
            scripts.deploy();
            var connection = scripts.connect(
                    "c1",
                    Map.of("type", "OAUTH2", "access_token", TOKEN, "refresh_token", REFRESH),
                    Map.of("mock", api.url()));

            fail(connection);
            server.raw()
                    .send(
                            "GET",
                            "/proxy/status/404?token=" + URLEncoder.encode(TOKEN, UTF_8),
                            Map.of(
                                    "Provider-Config-Key",
                                    "crm",
                                    "Connection-Id",
                                    "c1",
                                    "Base-Url-Override",
                                    api.url(),
                                    "Nango-Proxy-X-Again",
                                    REFRESH),
                            BodyPublishers.noBody());

            var lines = server.raw().get("/logs/lines?limit=1000").json().path("data");
            assertThat(lines.size()).isGreaterThan(12);
            for (var table : List.of("log_line", "operation", "run")) {
                assertThat(texts("SELECT t::text FROM " + table + " t"))
                        .isNotEmpty()
                        .noneMatch(row -> row.contains("s3cret")
                                || row.contains("r3fresh")
                                || row.contains("cl1ent")
                                || row.contains("dG9rLSJxdW90ZWQ")
                                || row.contains("unknown-to-us"));
            }
            assertThat(lines.toString()).contains("mine: REDACTED");
        }
    }

    /** The caller of an action gets what was thrown as it was thrown. */
    private static void fail(ConnectionRef connection) {
        var reply = server.raw()
                .send(
                        "POST",
                        "/action/trigger",
                        Map.of(
                                "Content-Type",
                                "application/json",
                                "Provider-Config-Key",
                                connection.integration(),
                                "Connection-Id",
                                connection.connection()),
                        BodyPublishers.ofString("{\"action_name\": \"careless\"}"));
        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.text()).contains(REFRESH);
    }

    private static List<String> texts(String query) throws SQLException {
        try (var connection = DriverManager.getConnection(server.databaseUrl());
                var rows = connection.createStatement().executeQuery(query)) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }
}
