package dev.millrace.cli.crm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SampleCrmTest {
    private final SampleCrm crm = new SampleCrm(0, "secret", 1000);
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        http.close();
        crm.close();
    }

    @Test
    void pages_of_a_region_hold_every_contact_once_and_no_archived_one() throws Exception {
        var all = ids("region=emea&limit=50");

        assertThat(all).hasSize(300).doesNotContain("c-00027");
        assertThat(ids("region=emea&limit=50&archived=all")).hasSize(333).contains("c-00027");
        assertThat(ids("archived=true&limit=1000")).hasSize(100);
    }

    @Test
    void a_wrong_key_is_refused() throws Exception {
        var request = HttpRequest.newBuilder(crm.url().resolve("/me")).header("Authorization", "Bearer wrong");

        assertThat(http.send(request.build(), BodyHandlers.ofString()).statusCode())
                .isEqualTo(401);
        assertThat(json(call("GET", "/me", "")).path("account").asString()).isEqualTo("Sample Inc.");
    }

    @Test
    void a_change_is_seen_and_a_removed_contact_is_gone() throws Exception {
        var before = json(call("GET", "/contacts/c-00001", ""));

        call("PATCH", "/contacts/c-00001", "{\"email\":\"new@example.com\",\"custom\":{\"cf_seats\":99}}");
        call("DELETE", "/contacts/c-00002", "");

        var after = json(call("GET", "/contacts/c-00001", ""));
        assertThat(after.path("email").asString()).isEqualTo("new@example.com");
        assertThat(after.path("custom").path("cf_seats").asInt()).isEqualTo(99);
        assertThat(after.path("custom").path("cf_plan"))
                .isEqualTo(before.path("custom").path("cf_plan"));
        assertThat(after.path("updated_at")).isNotEqualTo(before.path("updated_at"));
        assertThat(call("GET", "/contacts/c-00002", "").statusCode()).isEqualTo(404);
        assertThat(call("PATCH", "/contacts/c-00001", "{\"id\":\"x\"}").statusCode())
                .isEqualTo(400);
    }

    @Test
    void a_fault_occurs_as_often_as_requested() throws Exception {
        call("POST", "/_faults", "{\"path\":\"/contacts\",\"status\":429,\"times\":2,\"retryAfter\":3}");

        var first = call("GET", "/contacts", "");
        assertThat(first.statusCode()).isEqualTo(429);
        assertThat(first.headers().firstValue("Retry-After")).hasValue("3");
        assertThat(call("GET", "/me", "").statusCode()).isEqualTo(200);
        assertThat(call("GET", "/contacts", "").statusCode()).isEqualTo(429);
        assertThat(call("GET", "/contacts", "").statusCode()).isEqualTo(200);
    }

    @Test
    void a_limit_out_of_range_is_refused() throws Exception {
        assertThat(call("GET", "/contacts?limit=0", "").statusCode()).isEqualTo(400);
        assertThat(call("GET", "/contacts?limit=x", "").statusCode()).isEqualTo(400);
        assertThat(call("GET", "/contacts?archived=perhaps", "").statusCode()).isEqualTo(400);
    }

    @Test
    void an_unknown_path_is_answered_in_json_too() throws Exception {
        var answer = call("GET", "/nowhere", "");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(json(answer).path("error").asString()).contains("/nowhere");
    }

    @Test
    void a_login_returns_tokens_that_work_for_its_client_only() throws Exception {
        var verifier = "v".repeat(43);
        var challenge = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(UTF_8)));
        var asked = "client_id=millrace-demo&redirect_uri=http%3A%2F%2Flocalhost%2Fback&state=s1&code_challenge="
                + challenge;

        assertThat(get("/oauth/authorize?" + asked).body()).contains("Allow");
        var back = form("/oauth/authorize", asked + "&decision=allow")
                .headers()
                .firstValue("Location")
                .orElseThrow();
        assertThat(back).startsWith("http://localhost/back?code=").endsWith("&state=s1");
        var code = back.replaceFirst(".*code=([^&]+)&.*", "$1");
        var exchange = "grant_type=authorization_code&redirect_uri=http%3A%2F%2Flocalhost%2Fback&code=" + code
                + "&client_id=millrace-demo&client_secret=demo-secret";

        assertThat(form("/oauth/token", exchange + "&code_verifier=other").statusCode())
                .isEqualTo(400);
        assertThat(form("/oauth/token", exchange + "&code_verifier=" + verifier).statusCode())
                .as("a code that was tried is spent")
                .isEqualTo(400);
    }

    @Test
    void a_refresh_token_can_be_used_once() throws Exception {
        var asked = "client_id=millrace-demo&redirect_uri=http%3A%2F%2F127.0.0.1%2F&state=s1&decision=allow";
        var back =
                form("/oauth/authorize", asked).headers().firstValue("Location").orElseThrow();
        var client = "&client_id=millrace-demo&client_secret=demo-secret";
        var first = json(form(
                "/oauth/token",
                "grant_type=authorization_code&redirect_uri=http%3A%2F%2F127.0.0.1%2F&code="
                        + back.replaceFirst(".*code=([^&]+)&.*", "$1") + client));
        var renewal = "grant_type=refresh_token&refresh_token="
                + first.path("refresh_token").asString() + client;
        var second = json(form("/oauth/token", renewal));

        for (var tokens : List.of(first, second)) {
            var request = HttpRequest.newBuilder(crm.url().resolve("/me"))
                    .header(
                            "Authorization",
                            "Bearer " + tokens.path("access_token").asString());
            assertThat(http.send(request.build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
        assertThat(form("/oauth/token", renewal).body()).contains("invalid_grant");
        assertThat(form("/oauth/token", renewal.replace("demo-secret", "guessed"))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void a_login_redirects_to_no_other_machine() throws Exception {
        var asked = "client_id=millrace-demo&redirect_uri=https%3A%2F%2Felsewhere.example%2F&state=s1";

        assertThat(get("/oauth/authorize?" + asked).statusCode()).isEqualTo(400);
        assertThat(form("/oauth/authorize", asked + "&decision=allow").statusCode())
                .isEqualTo(400);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(crm.url().resolve(path)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> form(String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(crm.url().resolve(path))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private Set<String> ids(String query) throws Exception {
        var seen = new HashSet<String>();
        var cursor = "";
        do {
            var page = json(call("GET", "/contacts?" + query + cursor, ""));
            page.path("data")
                    .valueStream()
                    .forEach(contact ->
                            assertThat(seen.add(contact.path("id").asString())).isTrue());
            cursor = page.path("next_cursor").isNull()
                    ? ""
                    : "&cursor=" + page.path("next_cursor").asString();
        } while (!cursor.isEmpty());
        return seen;
    }

    private HttpResponse<String> call(String method, String path, String body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(crm.url().resolve(path))
                .header("Authorization", "Bearer secret")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
