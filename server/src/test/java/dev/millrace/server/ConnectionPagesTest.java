package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.DashboardBrowser;
import dev.millrace.server.testkit.Scripts;
import dev.millrace.server.testkit.TestServer;
import java.util.Map;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The pages of connections. */
class ConnectionPagesTest {
    private static final String MARKUP = "\"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e";
    private static final int MANY = 60;

    @RegisterExtension
    static final TestServer server = TestServer.withDashboard();

    private static DashboardBrowser browser;
    private static Scripts scripts;

    @BeforeAll
    static void prepare() {
        browser = DashboardBrowser.signedIn(server);
        assertThat(page("/ui/dev/connections").select(".empty h2").text()).isEqualTo("Nobody has connected yet");
        scripts = Scripts.onNew(server.client());
        scripts.sync("items", "await nango.batchSave([{ id: '1' }, { id: '2' }], 'Item');")
                .deploy();
        server.client().createIntegration(Map.of("provider", "private-api-bearer", "unique_key", "keys"));
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        "keys",
                        "connection_id",
                        "marked",
                        "credentials",
                        Map.of("type", "API_KEY", "apiKey", "t0psecret"),
                        "connection_config",
                        Map.of("note", MARKUP),
                        "metadata",
                        Map.of("text", MARKUP),
                        "tags",
                        Map.of("region", "eu", "note", MARKUP.substring(0, 20)),
                        "end_user",
                        Map.of("id", "customer-7", "display_name", MARKUP)));
        for (int i = 0; i < MANY; i++) {
            scripts.connect("c-" + i, Map.of("type", "NONE"), Map.of());
        }
    }

    @AfterAll
    static void leave() {
        browser.close();
    }

    private static Document page(String path) {
        var reply = browser.get(path);
        assertThat(reply.status()).as(path).isEqualTo(200);
        var html = reply.html();
        assertThat(html.select("script:not([src]), img, [onerror], [style]")).isEmpty();
        assertThat(html.select("h1")).hasSize(1);
        return html;
    }

    @Test
    void connections_are_listed_by_pages_and_found() {
        var first = page("/ui/dev/connections?integration=crm");
        assertThat(first.select("tbody tr")).hasSize(50);
        var second = page(first.select("a[rel=next]").attr("href"));
        assertThat(second.select("tbody th a").eachText()).contains("c-0");

        assertThat(page("/ui/dev/connections?q=c-17").select("tbody th a").eachText())
                .containsExactly("c-17");
        assertThat(page("/ui/dev/connections?customer=customer-7")
                        .select("tbody th a")
                        .eachText())
                .containsExactly("marked");
        assertThat(page("/ui/dev/connections?tag=region%3Deu")
                        .select("tbody th a")
                        .eachText())
                .containsExactly("marked");
        assertThat(page("/ui/dev/connections?q=nobody").select(".empty h2").text())
                .isEqualTo("No connection matches");
        assertThat(page("/ui/dev/connections?state=broken&page=x").select(".empty"))
                .hasSize(1);
    }

    @Test
    void a_connection_shows_no_secret_and_every_text_as_text() {
        var shown = page("/ui/dev/connections/keys/marked");
        assertThat(shown.select("h1").text()).contains("<script>alert(1)</script>");
        assertThat(shown.select("#metadata pre").text()).contains("<script>alert(1)</script>");
        assertThat(shown.text()).contains("region = eu");
        assertThat(shown.html()).doesNotContain("t0psecret");
        assertThat(browser.get("/ui/dev/connections/keys/nobody").status()).isEqualTo(404);
        assertThat(browser.get("/ui/dev/connections/none/nobody").status()).isEqualTo(404);
    }

    @Test
    void syncs_are_run_paused_and_started() {
        var path = "/ui/dev/connections/crm/c-1";
        assertThat(page(path).select("#syncs .status").text()).isEqualTo("Paused");
        assertThat(command(path, "start").location()).isEqualTo(path + "?done=start#syncs");
        await().untilAsserted(() -> assertThat(
                        page(path).select("#syncs td[data-label=Records]").text())
                .isEqualTo("2"));
        command(path, "trigger");
        await().untilAsserted(() ->
                assertThat(page(path).select("#operations tbody tr")).hasSizeGreaterThan(1));
        command(path, "pause");
        await().untilAsserted(() ->
                assertThat(page(path).select("#syncs .status").text()).isEqualTo("Paused"));
        assertThat(command(path, "explode").status()).isEqualTo(400);
    }

    private static DashboardBrowser.Reply command(String path, String command) {
        return browser.post(path, path + "/syncs", Map.of("name", "items", "command", command));
    }

    @Test
    void a_connection_is_deleted_by_a_form_of_ours_only() {
        var path = "/ui/dev/connections/crm/c-2";
        assertThat(browser.postAs(path + "/delete", "forged", Map.of()).status())
                .isEqualTo(403);
        assertThat(browser.get(path).status()).isEqualTo(200);

        assertThat(browser.post(path, path + "/delete", Map.of()).location())
                .isEqualTo("/ui/dev/connections?deleted=1");
        assertThat(browser.get(path).status()).isEqualTo(404);
    }
}
