package dev.millrace.cli.crm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashSet;
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
    void a_planned_fault_happens_as_often_as_planned() throws Exception {
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
