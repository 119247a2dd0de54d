package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceException;
import dev.millrace.server.testkit.DashboardBrowser;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.testkit.WebhookReceiver;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The pages of the log and of webhooks. */
class LogPagesTest {
    private static final String MARKUP = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    @RegisterExtension
    static final TestServer server = TestServer.withDashboard();

    private static ScriptedApi api;
    private static WebhookReceiver app;
    private static DashboardBrowser browser;
    private static ConnectionRef connection;

    @BeforeAll
    static void prepare() {
        api = new ScriptedApi();
        api.answers(_ -> Given.json(503, "{\"message\":\"<script>alert(2)</script>\"}"));
        app = new WebhookReceiver();
        app.respondWithStatus(_ -> 500);
        browser = DashboardBrowser.signedIn(server);
        server.raw().patch("/environment/settings", """
                {"webhooks":{"primary_url":"%s","on_auth_creation":true}}""".formatted(app.url("/app")));
        var scripts = Scripts.onNew(server.client())
                .action("speak", """
                        await nango.log('hello ' + input.text, { level: 'warn' });
                        return 1;""")
                .action("ask", """
                        await nango.get({ endpoint: '/x?q=a%20b', baseUrlOverride: input.api, retries: 1,
                                          headers: { Authorization: 'Bearer t0psecret', 'X-Quote': "it's" } });""")
                .webhook("items", List.of("created"), "return;");
        scripts.deploy();
        connection = scripts.connect("c1", Map.of("type", "NONE"), Map.of());
        server.client().triggerAction(connection, "speak", Map.of("text", MARKUP));
        Assertions.assertThatThrownBy(() -> server.client().triggerAction(connection, "ask", Map.of("api", api.url())))
                .isInstanceOf(MillraceException.class);
    }

    @AfterAll
    static void leave() {
        browser.close();
        app.close();
        api.close();
    }

    private static Document page(String path) {
        var reply = browser.get(path);
        assertThat(reply.status()).as(path).isEqualTo(200);
        var html = reply.html();
        assertThat(html.select("script:not([src]), img, [onerror], [style]")).isEmpty();
        assertThat(html.select("h1")).hasSize(1);
        return html;
    }

    /** The address of the newest operation of a function. */
    private static String operation(String function) {
        return await().until(
                        () -> page("/ui/dev/log?function=" + function)
                                .select("tbody th a")
                                .attr("href"),
                        href -> !href.isEmpty());
    }

    @Test
    void operations_are_listed_and_filtered() {
        var all = page("/ui/dev/log");
        assertThat(all.select("tbody th a").eachText()).contains("speak", "ask");
        assertThat(page("/ui/dev/log?status=failed&kind=action")
                        .select("tbody th a")
                        .eachText())
                .containsOnly("ask");
        assertThat(page("/ui/dev/log?connection=c1&kind=action&function=speak").select("tbody tr"))
                .hasSize(1);

        var nothing = page("/ui/dev/log?connection=nobody");
        assertThat(nothing.select(".empty h3").text()).isEqualTo("No operation matches these filters");
        assertThat(nothing.select("#connection").val()).isEqualTo("nobody");
        assertThat(browser.get("/ui/dev/log?from=yesterday").status()).isEqualTo(400);
        assertThat(page("/ui/dev/log?from=2026-11-30T10:00&to=2999-01-01T00:00").select("tbody tr"))
                .isNotEmpty();
        assertThat(page("/ui/dev/log?cursor=nonsense").select("tbody tr")).isNotEmpty();
        assertThat(browser.firstEvent("/ui/dev/log/live?function=speak"))
                .contains("speak")
                .doesNotContain(">ask<");
    }

    @Test
    void lines_are_searched_and_lead_to_their_operation() {
        var row =
                await().until(() -> page("/ui/dev/log/lines?text=hello").select("tbody tr"), rows -> rows.size() == 1);
        assertThat(row.select(".msg").text()).isEqualTo("hello " + MARKUP);
        assertThat(page(row.select("a").attr("href")).select("h1").text()).isEqualTo("speak for c1");
        assertThat(page("/ui/dev/log/lines?level=error&text=hello")
                        .select(".empty h3")
                        .text())
                .isEqualTo("No line matches these filters");
    }

    @Test
    void an_operation_shows_its_calls_and_a_command_without_secrets() {
        var shown = page(operation("ask"));
        assertThat(shown.select(".page-meta .status").text()).isEqualTo("Failed");
        assertThat(shown.select(".notice").text()).isNotEmpty();
        var calls = shown.select("ol.waterfall > li");
        assertThat(calls).hasSize(2);
        assertThat(calls.select("summary .status").eachText()).containsOnly("503");
        assertThat(calls.get(0).select(".bar.hollow")).hasSize(1);
        var curl = calls.get(0).select("pre").text();
        assertThat(curl).startsWith("curl '" + api.url() + "/x?q=a%20b'").doesNotContain("t0psecret");
        assertThat(shown.html()).doesNotContain("t0psecret");

        assertThat(page(operation("speak") + "?level=error").select("#lines .empty"))
                .hasSize(1);
        assertThat(browser.get("/ui/dev/log/00000000-0000-0000-0000-000000000000")
                        .status())
                .isEqualTo(404);
        assertThat(browser.get("/ui/dev/log/nonsense").status()).isEqualTo(404);
    }

    @Test
    void webhooks_to_the_application_are_shown_and_sent_again() {
        var row = await().until(
                        () -> page("/ui/dev/deliveries?type=auth").select("tbody tr"),
                        rows -> Set.of("Not delivered", "Given up")
                                .contains(rows.select(".status").text()));
        assertThat(row.text()).contains("answer 500", "c1");
        var href = row.select("th a").attr("href");
        var shown = page(href);
        assertThat(shown.select("pre").text()).contains("\"connectionId\" : \"c1\"");

        app.respondWithStatus(_ -> 200);
        var sent = browser.post(href, href + "/replay", Map.of());
        assertThat(sent.location()).isEqualTo(href + "?done=replayed");
        await().untilAsserted(() ->
                assertThat(page(href).select(".page-meta .status").text()).isEqualTo("Delivered"));
        assertThat(page("/ui/dev/deliveries?state=skipped").select(".empty h2").text())
                .isEqualTo("No delivery matches these filters");
        assertThat(browser.post("/ui/dev/deliveries", "/ui/dev/deliveries/nonsense/replay", Map.of())
                        .status())
                .isEqualTo(404);
    }

    @Test
    void received_webhooks_are_shown_and_run_again() {
        var environment = TestDatabase.rows(server.databaseUrl(), "SELECT uuid FROM environment WHERE name = 'dev'")
                .getFirst();
        var body = "{\"type\":\"created\",\"connectionId\":\"c1\",\"note\":\"<script>alert(3)</script>\"}";
        server.raw()
                .send(
                        "POST",
                        "/webhook/" + environment + "/crm",
                        Map.of("Content-Type", "application/json"),
                        BodyPublishers.ofString(body));

        var row = await().until(
                        () -> page("/ui/dev/deliveries/received?connection=c1").select("tbody tr"),
                        rows -> rows.select(".status").text().equals("Processed"));
        var href = row.select("th a").attr("href");
        var shown = page(href);
        assertThat(shown.select("#runs tbody th").text()).isEqualTo("items");
        assertThat(shown.select("pre").get(0).text()).contains("<script>alert(3)</script>");

        var again = browser.post(href, href + "/replay", Map.of());
        assertThat(again.location()).isEqualTo(href + "?done=replayed");
        await().untilAsserted(() ->
                assertThat(page(href).select(".page-meta .status").text()).isEqualTo("Processed"));
    }
}
