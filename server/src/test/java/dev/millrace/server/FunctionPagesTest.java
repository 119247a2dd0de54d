package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.DashboardBrowser;
import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.TestServer;
import java.util.List;
import java.util.Map;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The pages of functions. */
class FunctionPagesTest {
    private static final String PAGE = "/ui/dev/functions/crm/greet";

    @RegisterExtension
    static final TestServer server = TestServer.withDashboard();

    private static DashboardBrowser browser;

    @BeforeAll
    static void prepare() {
        browser = DashboardBrowser.signedIn(server);
        assertThat(page("/ui/dev/functions").select(".empty h2").text()).isEqualTo("No functions are deployed");
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        deploy("one");
        deploy("two");
        server.client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", "c1", "credentials", Map.of("type", "NONE")));
    }

    @AfterAll
    static void leave() {
        browser.close();
    }

    private static void deploy(String answer) {
        var code = """
                module.exports = { __esModule: true, default: { type: 'action', exec: async () => {
                  // "><script>alert(1)</script>
                  return '%s';
                } } };""".formatted(answer);
        server.client().deploy(Deployment.adding(List.of(Deployment.action("greet", code))));
    }

    private static Document page(String path) {
        var reply = browser.get(path);
        assertThat(reply.status()).as(path).isEqualTo(200);
        var html = reply.html();
        assertThat(html.select("script:not([src]), img, [onerror], [style]")).isEmpty();
        assertThat(html.select("h1")).hasSize(1);
        return html;
    }

    private static String answer() {
        return server.client()
                .triggerAction(new ConnectionRef("crm", "c1"), "greet", Map.of())
                .asString();
    }

    @Test
    void a_version_is_compared_and_rolled_back_to() {
        var list = page("/ui/dev/functions?integration=crm&q=gre");
        assertThat(list.select("tbody th a").eachText()).containsExactly("greet");
        assertThat(page("/ui/dev/functions?q=nothing").select(".empty h2").text())
                .isEqualTo("No function matches");

        var shown = page(list.select("tbody th a").attr("href"));
        assertThat(shown.select("#versions tbody tr")).hasSize(2);
        assertThat(shown.select("#code pre").text()).contains("return 'two'", "<script>alert(1)</script>");
        assertThat(answer()).isEqualTo("two");

        var changes = page(shown.select("a:contains(Compare)").attr("href"));
        assertThat(changes.select("#changes ins").text()).contains("return 'two'");
        assertThat(changes.select("#changes del").text()).contains("return 'one'");

        var form = shown.select("#versions form");
        assertThat(form).hasSize(1);
        var version = form.select("input[name=version]").val();
        assertThat(browser.postAs(PAGE + "/rollback", "forged", Map.of("version", version, "kind", "action"))
                        .status())
                .isEqualTo(403);
        var done = browser.post(PAGE, PAGE + "/rollback", Map.of("version", version, "kind", "action"));
        assertThat(done.location()).isEqualTo(PAGE + "?kind=action&done=rollback");
        assertThat(page(done.location()).select("#code pre").text()).contains("return 'one'");
        assertThat(answer()).isEqualTo("one");
    }

    @Test
    void what_is_not_there_is_said() {
        assertThat(browser.get("/ui/dev/functions/crm/nothing").status()).isEqualTo(404);
        assertThat(browser.get("/ui/dev/functions/nothing/greet").status()).isEqualTo(404);
        assertThat(browser.post(PAGE, PAGE + "/rollback", Map.of("version", "0", "kind", "action"))
                        .status())
                .isEqualTo(404);
    }
}
