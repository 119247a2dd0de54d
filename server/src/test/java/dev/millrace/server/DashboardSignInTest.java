package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.testkit.DashboardBrowser;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.ui.DashboardPassword;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may see the dashboard, and what other sites and guesses cannot do. */
class DashboardSignInTest {
    private static final String SESSION = "millrace_session";

    @RegisterExtension
    static final TestServer server = TestServer.withDashboard();

    private static String password() {
        return server.server().dashboardPassword().orElseThrow();
    }

    @Test
    void a_page_leads_to_the_sign_in_and_from_there_back() {
        try (var browser = new DashboardBrowser(server.url())) {
            var page = browser.get("/ui/dev/overview?a=b");
            assertThat(page.status()).isEqualTo(303);
            assertThat(page.location()).isEqualTo("/ui/~/sign-in?next=%2Fui%2Fdev%2Foverview%3Fa%3Db");

            var form = browser.follow(page);
            assertThat(form.html().title()).isEqualTo("Sign in · Millrace");
            var entered = browser.postAs(
                    "/ui/~/sign-in",
                    DashboardBrowser.token(form),
                    Map.of(
                            "password",
                            ' ' + password().replace("-", " "),
                            "next",
                            form.html().select("[name=next]").attr("value")));
            assertThat(entered.location()).isEqualTo("/ui/dev/overview?a=b");
            assertThat(browser.follow(entered).html().select("h1").text()).isEqualTo("Overview");
            assertThat(browser.get("/ui").location()).isEqualTo("/ui/dev/overview");
        }
    }

    @Test
    void the_root_leads_people_to_the_dashboard_and_tells_programs_what_it_did_before() {
        try (var browser = new DashboardBrowser(server.url())) {
            assertThat(browser.get("/").location()).isEqualTo("/ui");
        }
        var reply = server.raw().send("GET", "/", Map.of(), BodyPublishers.noBody());
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.code()).isEqualTo("not_found");
    }

    @Test
    void nothing_outside_of_the_dashboard_is_a_place_to_go_on_to() {
        for (var next :
                new String[] {"https://evil.example/", "//evil.example/ui/", "/\\evil.example", "/connections"}) {
            try (var browser = new DashboardBrowser(server.url())) {
                var token = DashboardBrowser.token(browser.get("/ui/~/sign-in"));
                var entered = browser.postAs("/ui/~/sign-in", token, Map.of("password", password(), "next", next));
                assertThat(entered.location()).as(next).isEqualTo("/ui/dev/overview");
            }
        }
    }

    @Test
    void the_session_has_a_new_id_that_scripts_and_other_sites_cannot_use() {
        try (var browser = new DashboardBrowser(server.url())) {
            var before = "A".repeat(43);
            browser.cookies().put(SESSION, before);
            var entered = browser.signIn(password());
            assertThat(browser.cookies().get(SESSION)).isNotEqualTo(before).hasSize(43);
            assertThat(entered.headers().firstValue("Set-Cookie").orElse(""))
                    .contains("; HttpOnly", "; SameSite=Lax", "; Path=/ui")
                    .doesNotContain("Secure");

            browser.cookies().put(SESSION, before);
            assertThat(browser.get("/ui/dev/overview").status()).isEqualTo(303);
        }
    }

    @Test
    void a_form_needs_the_token_of_its_session_and_comes_from_this_server() {
        try (var browser = DashboardBrowser.signedIn(server);
                var other = DashboardBrowser.signedIn(server)) {
            var token = DashboardBrowser.token(browser.get("/ui/dev/overview"));
            var foreign = DashboardBrowser.token(other.get("/ui/dev/overview"));
            var dark = Map.of("theme", "dark", "next", "/ui/dev/overview");
            for (var wrong : new String[] {"", foreign, token + 'x'}) {
                assertThat(browser.postAs("/ui/~/theme", wrong, dark).status()).isEqualTo(403);
            }
            assertThat(browser.postAs("/ui/~/theme", token, dark, "Origin", "https://evil.example")
                            .status())
                    .isEqualTo(403);
            assertThat(browser.postAs("/ui/~/theme", token, dark, "Sec-Fetch-Site", "cross-site")
                            .status())
                    .isEqualTo(403);
            assertThat(browser.get("/ui/dev/overview").html().select("html").attr("data-theme"))
                    .isEmpty();

            var changed = browser.postAs(
                    "/ui/~/theme", token, dark, "Origin", server.url().toString());
            assertThat(changed.location()).isEqualTo("/ui/dev/overview");
            assertThat(browser.follow(changed).html().select("html").attr("data-theme"))
                    .isEqualTo("dark");
        }
    }

    @Test
    void the_session_ends_with_the_sign_out_on_every_server() {
        try (var peer = server.startPeer();
                var browser = DashboardBrowser.signedIn(server);
                var elsewhere = new DashboardBrowser(peer.url())) {
            assertThat(peer.server().dashboardPassword()).isEmpty();
            elsewhere.cookies().putAll(browser.cookies());
            assertThat(elsewhere.get("/ui/dev/overview").status()).isEqualTo(200);

            var left = browser.post("/ui/dev/overview", "/ui/~/sign-out", Map.of());
            assertThat(left.location()).isEqualTo("/ui/~/sign-in");
            assertThat(browser.cookies()).doesNotContainKey(SESSION);
            assertThat(elsewhere.get("/ui/dev/overview").status()).isEqualTo(303);
        }
    }

    @Test
    void a_session_ends_when_it_is_not_used_and_after_a_week() {
        for (var old :
                new String[] {"used_at = now() - interval '13 hours'", "created_at = now() - interval '8 days'"}) {
            try (var browser = DashboardBrowser.signedIn(server);
                    var db = Database.open(new DatabaseConfig(server.databaseUrl(), 1))) {
                assertThat(browser.get("/ui/dev/overview").status()).isEqualTo(200);
                int changed = db.withHandle(handle -> handle.execute(
                        "UPDATE dashboard_session SET " + old + " WHERE hash = sha256(convert_to(?, 'UTF8'))",
                        browser.cookies().get(SESSION)));
                assertThat(changed).isOne();
                assertThat(browser.get("/ui/dev/overview").status()).as(old).isEqualTo(303);
            }
        }
    }

    @Test
    void a_new_password_replaces_the_old_one_and_ends_all_sessions() {
        try (var other = TestDatabase.fresh()) {
            var clock = Clock.systemUTC();
            var password = new DashboardPassword(other, clock);
            var first = password.createFirst().orElseThrow();
            assertThat(password.createFirst()).isEmpty();
            var sessions = "SELECT count(*) FROM dashboard_session";
            other.useHandle(
                    handle -> handle.execute("INSERT INTO dashboard_session VALUES (sha256('x'), now(), now())"));
            assertThat(password.replace()).isNotEqualTo(first).matches("[a-z0-9]{4}(-[a-z0-9]{4}){4}");
            long left = other.withHandle(
                    handle -> handle.createQuery(sessions).mapTo(Long.class).one());
            assertThat(left).isZero();
        }
    }

    @Test
    void guesses_are_slowed_down_by_address() {
        try (var browser = new DashboardBrowser(server.url(), "127.0.0.2");
                var other = new DashboardBrowser(server.url(), "127.0.0.3")) {
            for (int left = 4; left > 0; left--) {
                var reply = browser.signIn("guess");
                assertThat(reply.status()).isEqualTo(403);
                assertThat(reply.html().select("#password-error").text())
                        .startsWith("That is not the password. " + (left == 1 ? "One try is" : left + " tries are"));
            }
            assertThat(browser.signIn("guess").status()).isEqualTo(429);
            var right = browser.signIn(password());
            assertThat(right.status()).isEqualTo(429);
            assertThat(right.html().select("#password-error").text()).startsWith("Too many tries. Wait ");
            assertThat(other.signIn(password()).status()).isEqualTo(303);
        }
    }

    @Test
    void pages_allow_no_foreign_content_and_no_frames() {
        try (var browser = DashboardBrowser.signedIn(server)) {
            var page = browser.get("/ui/dev/overview");
            assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                    .contains("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("same-origin");
            assertThat(page.html().select("[style], script:not([src]), style, [onclick]"))
                    .isEmpty();
            for (var link : page.html().select("link[rel=stylesheet], script")) {
                var file = browser.get(link.attr(link.tagName().equals("script") ? "src" : "href"));
                assertThat(file.status()).isEqualTo(200);
                assertThat(file.headers().firstValue("Cache-Control").orElse(""))
                        .contains("immutable");
            }
        }
    }

    @Test
    void what_is_not_there_is_a_page_that_says_so() {
        try (var browser = DashboardBrowser.signedIn(server)) {
            for (var path : new String[] {"/ui/dev/nothing/here", "/ui/nowhere/overview", "/ui/%3Cb%3Ex/overview"}) {
                var page = browser.get(path);
                assertThat(page.status()).as(path).isEqualTo(404);
                assertThat(page.html().select("h1").text()).isEqualTo("Not found");
                assertThat(page.html().select("h2 b, h3 b")).isEmpty();
            }
        }
    }
}
