package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.testkit.DashboardBrowser;
import dev.millrace.server.testkit.TestServer;
import java.util.HashMap;
import java.util.Map;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What people see and change: the overview, integrations, links for customers, settings. */
class DashboardPagesTest {
    private static final String MARKUP = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";

    @RegisterExtension
    static final TestServer server = TestServer.withDashboard();

    private static DashboardBrowser browser;

    @BeforeAll
    static void signIn() {
        browser = DashboardBrowser.signedIn(server);
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

    private static DashboardBrowser.Reply make(String environment) {
        return browser.post(
                "/ui/dev/settings", "/ui/dev/settings/environments", Map.of("environment_name", environment));
    }

    @Test
    void an_empty_environment_says_what_to_do_first() {
        assertThat(make("empty").location()).isEqualTo("/ui/empty/settings?done=environment-made#keys");

        var overview = page("/ui/empty/overview");
        assertThat(overview.select("#start-h").text()).isEqualTo("Start here");
        assertThat(overview.select("ol.todo .btn-primary").attr("href")).isEqualTo("/ui/empty/integrations/new");
        assertThat(overview.select("#last-hours .empty, #running-now .empty")).hasSize(2);
        assertThat(page("/ui/empty/integrations").select(".empty h2").text())
                .isEqualTo("No integrations in this environment");
        assertThat(overview.select(".nav a[aria-current=page]").text()).isEqualTo("Overview");
        assertThat(overview.select("#env option[selected]").text()).isEqualTo("empty");
    }

    @Test
    void a_key_is_shown_once_works_and_is_deleted() {
        var wrong = browser.post("/ui/dev/settings", "/ui/dev/settings/keys", Map.of("display_name", "app"));
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.html().select("#keys .error").text()).isEqualTo("Choose what the key may do.");
        assertThat(wrong.html().select("#key-name").val()).isEqualTo("app");

        var made = browser.post(
                "/ui/dev/settings",
                "/ui/dev/settings/keys",
                Map.of("display_name", MARKUP, "scope", "environment:integrations:list"));
        assertThat(made.status()).isEqualTo(200);
        var secret = made.html().select(".copy code").text();
        var client = server.raw().with(secret);
        assertThat(client.get("/integrations").status()).isEqualTo(200);

        var listed = page("/ui/dev/settings");
        assertThat(listed.html()).doesNotContain(secret);
        var row = listed.select("#keys tbody tr").stream()
                .filter(tr -> tr.select("th").text().equals(MARKUP))
                .findFirst()
                .orElseThrow();
        var deleted = browser.post("/ui/dev/settings", row.select("form").attr("action"), Map.of());
        assertThat(deleted.location()).isEqualTo("/ui/dev/settings?done=key-deleted#keys");
        await().untilAsserted(
                        () -> assertThat(client.get("/integrations").status()).isEqualTo(401));
    }

    @Test
    void variables_and_settings_are_changed_by_the_rules_of_the_api() {
        browser.post(
                "/ui/dev/settings", "/ui/dev/settings/variables", Map.of("name", "REGION", "value", MARKUP + "\n2"));
        browser.post(
                "/ui/dev/settings", "/ui/dev/settings/variables", Map.of("name", "API_TOKEN", "value", "t0psecret"));
        assertThat(server.raw().get("/environment-variables").text())
                .contains("\"API_TOKEN\"", "\"t0psecret\"", "onerror=alert(1)>\\n2");
        var variables = page("/ui/dev/settings").select("#variables tbody").text();
        assertThat(variables)
                .contains("REGION", MARKUP)
                .doesNotContain("t0psecret")
                .contains("hidden, as its name says");

        var wrong = browser.post(
                "/ui/dev/settings",
                "/ui/dev/settings/webhooks",
                Map.of("primary_url", "ftp://app.example", "on_sync_error", "on"));
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.html().select("#primary-url-error").text()).isNotEmpty();
        assertThat(wrong.html().select("#primary-url").val()).isEqualTo("ftp://app.example");
        var saved = browser.post(
                "/ui/dev/settings",
                "/ui/dev/settings/webhooks",
                Map.of("primary_url", "https://app.example/hooks", "on_sync_error", "on"));
        assertThat(saved.status()).isEqualTo(303);
        var keeping = Map.of(
                "logs_days", "30",
                "records_prune_days", "0",
                "records_delete_days", "0",
                "metadata_history_days", "90",
                "delete_guard_share", "40",
                "delete_guard_count", "10");
        browser.post("/ui/dev/settings", "/ui/dev/settings/keeping", keeping);
        await().untilAsserted(() -> assertThat(
                        server.raw().get("/environment/settings").text())
                .contains("\"logs_days\":30", "\"delete_guard_share\":40", "https://app.example/hooks"));
        var form = page("/ui/dev/settings").select("#webhooks");
        assertThat(form.select("[name=on_sync_error]").hasAttr("checked")).isTrue();
        assertThat(form.select("[name=on_auth_creation]").hasAttr("checked")).isFalse();
    }

    @Test
    void an_environment_is_deleted_only_by_somebody_who_types_its_name() {
        make("gone");
        var form = page("/ui/dev/settings").select("#environments tr").stream()
                .filter(tr -> tr.select("th").text().equals("gone"))
                .map(tr -> tr.select("form").attr("action"))
                .findFirst()
                .orElseThrow();
        assertThat(browser.post("/ui/dev/settings", form, Map.of("name", "dev")).status())
                .isEqualTo(400);
        assertThat(browser.get("/ui/gone/overview").status()).isEqualTo(200);
        assertThat(browser.post("/ui/dev/settings", form, Map.of("name", "gone"))
                        .status())
                .isEqualTo(303);
        assertThat(browser.get("/ui/gone/overview").status()).isEqualTo(404);
        assertThat(page("/ui/dev/settings").select("#environments tr:contains(prod) form"))
                .isEmpty();
    }

    @Test
    void an_integration_is_added_changed_and_deleted_and_keeps_its_secret() {
        assertThat(page("/ui/dev/integrations/new?q=github")
                        .select("tbody .sub")
                        .eachText())
                .contains("github");
        var choose = "/ui/dev/integrations/new?provider=github";
        assertThat(page(choose).select("#unique-key").val()).isEqualTo("github");
        var values = Map.of("provider", "github", "unique_key", "repos", "client_id", "id-1", "scopes", "repo user");
        var wrong = browser.post(choose, "/ui/dev/integrations/new", values);
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.html().select("#client-secret-error").text()).isNotEmpty();
        assertThat(wrong.html().select("#client-id").val()).isEqualTo("id-1");

        var complete = new HashMap<>(values);
        complete.put("client_secret", "s3cret");
        complete.put("display_name", MARKUP);
        var made = browser.post(choose, "/ui/dev/integrations/new", complete);
        assertThat(made.location()).isEqualTo("/ui/dev/integrations/repos?done=made");
        assertThat(browser.post(choose, "/ui/dev/integrations/new", complete)
                        .html()
                        .select("#unique-key-error")
                        .text())
                .isNotEmpty();
        var shown = page("/ui/dev/integrations/repos");
        assertThat(shown.html()).doesNotContain("s3cret");
        assertThat(shown.select("h1").text()).isEqualTo(MARKUP);

        browser.post(
                "/ui/dev/integrations/repos",
                "/ui/dev/integrations/repos",
                Map.of("client_id", "id-2", "display_name", "Repositories"));
        assertThat(server.raw().get("/integrations/repos?include=credentials").text())
                .contains("\"client_id\":\"id-2\"", "\"client_secret\":\"s3cret\"", "Repositories");
        assertThat(page("/ui/dev/integrations").select("tbody th a").eachText()).contains("Repositories");

        browser.post("/ui/dev/integrations/repos", "/ui/dev/integrations/repos/delete", Map.of());
        assertThat(browser.get("/ui/dev/integrations/repos").status()).isEqualTo(404);
    }

    @Test
    void what_needs_a_person_stands_on_the_overview_with_its_cause_and_a_link_helps() {
        make("busy");
        // By the API: a page would remember for some seconds that nothing needs attention.
        var account = server.raw().with(server.accountKey());
        var environment =
                account.get("/environments?name=busy").json().at("/data/0/uuid").stringValue();
        var key = account.post("/environments/" + environment + "/api-keys", "{\"display_name\":\"test\"}")
                .json()
                .at("/data/secret")
                .stringValue();
        var client = server.raw().with(key);
        client.post("/integrations", "{\"unique_key\":\"crm\",\"provider\":\"unauthenticated\"}");
        client.post(
                "/connections",
                "{\"provider_config_key\":\"crm\",\"connection_id\":\"acme\",\"credentials\":{\"type\":\"NONE\"}}");
        try (var db = Database.open(new DatabaseConfig(server.databaseUrl(), 1))) {
            db.useHandle(handle -> {
                handle.execute("""
                        UPDATE connection SET auth_failure = jsonb_build_object('at', now(), 'refusals', 1, 'day', '2026-01-01',
                               'exhausted', false, 'outage', false, 'log_id', gen_random_uuid(), 'code', 'x', 'message', ?::text)
                         WHERE connection_id = 'acme'
                        """, MARKUP);
                handle.execute("""
                        INSERT INTO operation (id, environment_id, kind, integration, connection, function, status, started_at,
                               error, lines, dropped)
                        SELECT gen_random_uuid(), id, 'sync', 'crm', 'acme', 'contacts', s.status, now() - interval '5 minutes',
                               CASE WHEN s.status = 'failed' THEN '{"type":"script","message":"The scope <b>read</b> is missing"}' END,
                               ARRAY[0,0,0,0], 0
                          FROM environment, unnest(ARRAY['success','success','failed','running']) s (status)
                         WHERE name = 'busy'
                        """);
            });
        }

        var overview = page("/ui/busy/overview");
        assertThat(overview.select("#attention li strong").text()).isEqualTo("crm connection of acme is broken");
        assertThat(overview.select("#attention li p").text()).startsWith(MARKUP);
        assertThat(overview.select("#operations-d").text()).startsWith("In the last 24 hours 2 succeeded and 1 failed");
        assertThat(overview.select("#failures tbody th").text()).isEqualTo("The scope <b>read</b> is missing");
        assertThat(overview.select("#running-now tbody th").text()).isEqualTo("contacts sync");
        assertThat(overview.select(".nav .count").text()).isEqualTo("1 needs attention");

        var reconnect = page(overview.select("#attention .btn").attr("href"));
        assertThat(reconnect.select("h1").text()).isEqualTo("Connect again");
        var made = browser.post(
                "/ui/busy/connect", "/ui/busy/connect", Map.of("integration", "crm", "connection", "acme"));
        assertThat(made.html().select(".copy code").text()).contains("/connect/?session_token=nango_connect_session_");
        var fresh = browser.post("/ui/busy/connect", "/ui/busy/connect", Map.of("customer", "c-1", "name", MARKUP));
        assertThat(fresh.html().select(".copy code").text()).contains("/connect/?session_token=");
        assertThat(browser.post("/ui/busy/connect", "/ui/busy/connect", Map.of())
                        .status())
                .isEqualTo(400);
    }
}
