package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import dev.millrace.server.record.Writer;
import dev.millrace.server.testkit.DashboardBrowser;
import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.TestEncryption;
import dev.millrace.server.testkit.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How people edit metadata and look at records. */
@Timeout(300)
class MetadataPagesTest {
    private static final String MARKUP = "</textarea></pre>\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    private static final Map<String, ?> SCHEMA = Map.of(
            "type",
            "object",
            "properties",
            Map.of(
                    "region",
                    Map.of("type", "string", "enum", List.of("emea", "amer"), "description", "Where " + MARKUP),
                    "filter",
                    Map.of(
                            "type",
                            "object",
                            "properties",
                            Map.of("tags", Map.of("type", "array", "items", Map.of("type", "string"))),
                            "required",
                            List.of("tags"))),
            "required",
            List.of("region"));

    @RegisterExtension
    static final TestServer server = TestServer.withDashboard();

    private static DashboardBrowser browser;
    private static Database db;
    private static Records records;

    @BeforeAll
    static void prepare() {
        browser = DashboardBrowser.signedIn(server);
        db = Database.open(new DatabaseConfig(server.databaseUrl(), 2));
        records = new Records(db, TestEncryption.of(server.data()));
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "plain"));
        var sync = Deployment.sync("items", List.of("Item"), Deployment.code("shelf"));
        sync.put("input", "Options");
        sync.put("models_json_schema", Map.of("definitions", Map.of("Item", Map.of(), "Options", SCHEMA)));
        server.client().deploy(Deployment.adding(List.of(sync)));
    }

    @AfterAll
    static void leave() {
        browser.close();
        db.close();
    }

    private static void connect(String integration, String id) {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        integration,
                        "connection_id",
                        id,
                        "credentials",
                        Map.of("type", "NONE")));
    }

    private static Dataset dataset(String connection, String model) {
        long id = db.withHandle(handle -> handle.createQuery("SELECT id FROM connection WHERE connection_id = :id")
                .bind("id", connection)
                .mapTo(Long.class)
                .one());
        return new Dataset(id, model);
    }

    private static void save(Dataset to, String... json) {
        records.save(
                to,
                Writer.of(1),
                Arrays.stream(json).map(text -> text.getBytes(UTF_8)).toList());
    }

    private static Document page(String path) {
        var reply = browser.get(path);
        assertThat(reply.status()).as(path).isEqualTo(200);
        return checked(reply);
    }

    private static Document checked(DashboardBrowser.Reply reply) {
        var html = reply.html();
        assertThat(html.select("script:not([src]), img, [onerror], [style]")).isEmpty();
        assertThat(html.select("h1")).hasSize(1);
        return html;
    }

    private static String metadata(String integration, String id) {
        return "/ui/dev/connections/" + integration + "/" + id + "/metadata";
    }

    private static DashboardBrowser.Reply save(String path, String version, String text) {
        return browser.post(path, path, Map.of("version", version, "metadata", text));
    }

    private static String stored(String integration, String id) {
        return server.raw()
                .get("/connections/" + id + "/metadata?provider_config_key=" + integration)
                .text();
    }

    private static void set(String integration, String id, String json) {
        var reply = server.raw().post("/connections/" + id + "/metadata?provider_config_key=" + integration, json);
        assertThat(reply.status()).isEqualTo(201);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    private static List<String> ids(Document page) {
        return page.select("#records tbody th code").eachText();
    }

    @Test
    void metadata_is_edited_beside_what_functions_expect() {
        connect("crm", "edited");
        var path = metadata("crm", "edited");
        var before = page(path);
        assertThat(before.select("#fields dt").eachText())
                .containsExactlyInAnyOrder("region required", "filter", "filter.tags required");
        assertThat(before.select("#fields").text())
                .contains("\"emea\" | \"amer\"", "Where " + MARKUP, "list of string", "Read by items");
        assertThat(before.select("#problems code").eachText()).containsExactly("region");
        assertThat(before.select("#json").val()).isEqualTo("{}");

        // Digits of numbers and the order of keys stay as they are.
        var text = "{\n  \"region\": \"emea\",\n  \"big\": 12345678901234567890.50,\n  \"m\": \""
                + MARKUP.replace("\"", "\\\"") + "\",\n  \"none\": {},\n  \"list\": [\n    1,\n    2\n  ]\n}";
        var saved = save(path, "1", text);
        assertThat(saved.location()).isEqualTo(path + "?done=saved");
        var after = checked(browser.follow(saved));
        assertThat(after.select("[role=status]").text()).contains("Version 2 is saved.");
        assertThat(after.select("#json").val()).isEqualTo(text);
        assertThat(after.select("#problems")).isEmpty();
        assertThat(stored("crm", "edited")).contains("\"big\":12345678901234567890.50,");
        assertThat(after.select("#history li:first-child").text())
                .contains("Version 2, now", "dashboard", "adds region, adds big");

        assertThat(save(path, "2", text).location()).isEqualTo(path + "?done=same");
        assertThat(save(path, "2", "").location()).isEqualTo(path + "?done=saved");
        assertThat(stored("crm", "edited")).isEqualTo("null");
    }

    @Test
    void what_is_not_accepted_stays_in_the_editor_with_the_reason() {
        connect("crm", "refused");
        var path = metadata("crm", "refused");

        var broken = save(path, "1", "{\n  \"region\": " + MARKUP);
        assertThat(broken.status()).isEqualTo(400);
        var page = checked(broken);
        assertThat(page.select("#json-error").text()).startsWith("This is not valid JSON. Line 2, column ");
        assertThat(page.select("#json").val()).isEqualTo("{\n  \"region\": " + MARKUP);
        assertThat(page.select("#json").attr("aria-invalid")).isEqualTo("true");
        assertThat(checked(save(path, "1", "[1]")).select("#json-error").text()).contains("one JSON object");

        server.raw().patch("/environment/settings", "{\"metadata_validation\":\"enforce\"}");
        try {
            await().untilAsserted(() -> {
                var refused = save(path, "1", "{\"region\": \"mars\", \"filter\": {}}");
                assertThat(refused.status()).isEqualTo(400);
                assertThat(refused.html().select("#problems code").eachText())
                        .containsExactlyInAnyOrder("region", "filter.tags");
                assertThat(refused.html().select("#json").val()).contains("mars");
            });
        } finally {
            server.raw().patch("/environment/settings", "{\"metadata_validation\":\"off\"}");
        }
    }

    @Test
    void a_conflict_shows_both_texts_and_can_be_resolved() {
        connect("plain", "raced");
        var path = metadata("plain", "raced");
        assertThat(page(path).select("#fields").text()).contains("No function of plain declares a schema");
        set("plain", "raced", "{\"team\": \"theirs\", \"kept\": 1}");

        var conflict = save(path, "1", "{\"team\": \"mine\",   \"kept\": 1}");

        assertThat(conflict.status()).isEqualTo(409);
        var page = checked(conflict);
        assertThat(page.select("#theirs").text()).contains("\"team\": \"theirs\"");
        assertThat(page.select("#json").val()).isEqualTo("{\"team\": \"mine\",   \"kept\": 1}");
        assertThat(page.select("#conflict del").text()).contains("theirs");
        assertThat(page.select("#conflict ins").text()).contains("mine");
        assertThat(page.select("#conflict").text()).contains("version 2 was saved while you edited version 1", "key");
        assertThat(stored("plain", "raced")).contains("theirs");

        var version = page.select("#edit [name=version]").val();
        var token = DashboardBrowser.token(conflict);
        var again = browser.postAs(
                path,
                token,
                Map.of("version", version, "metadata", page.select("#json").val()));
        assertThat(again.location()).isEqualTo(path + "?done=saved");
        assertThat(stored("plain", "raced")).isEqualTo("{\"team\":\"mine\",\"kept\":1}");
    }

    @Test
    void versions_are_compared_and_restored() {
        connect("plain", "past");
        for (int i = 1; i <= 24; i++) {
            set("plain", "past", "{\"n\": " + i + ", \"m\": \"" + MARKUP.replace("\"", "\\\"") + "\"}");
        }
        var path = metadata("plain", "past");

        var first = page(path);
        assertThat(first.select("#history li")).hasSize(20);
        var second = page(first.select(".pager [rel=next]").attr("href").replaceAll("#.*", ""));
        assertThat(second.select("#history li > strong").eachText())
                .containsExactly("Version 5", "Version 4", "Version 3", "Version 2", "Version 1");

        var compared = page(path + "?from=3&to=6").select("#compared");
        assertThat(compared.select("del").text()).isEqualTo("-   \"n\": 2,");
        assertThat(compared.select("ins").text()).isEqualTo("+   \"n\": 5,");
        assertThat(page(path + "?from=3&to=99").select("#compared").text()).contains("no longer kept");
        assertThat(page(path + "?from=x&to=6").select("#compared")).isEmpty();

        var form = second.select("#restore-3 form");
        var restored = browser.post(
                path,
                form.attr("action"),
                Map.of("version", form.select("[name=version]").val(), "current", "25"));
        assertThat(restored.location()).isEqualTo(path + "?done=restored");
        assertThat(stored("plain", "past")).startsWith("{\"n\":2,");

        var late = browser.post(path, form.attr("action"), Map.of("version", "4", "current", "25"));
        assertThat(late.status()).isEqualTo(409);
        assertThat(checked(late).select(".notice.warn").text()).contains("Version 4 was not restored");
        assertThat(stored("plain", "past")).startsWith("{\"n\":2,");
        assertThat(browser.get(metadata("plain", "nobody")).status()).isEqualTo(404);
    }

    @Test
    void records_are_found_by_connection_and_model() {
        connect("crm", "shelf-models");
        save(dataset("shelf-models", "Item"), "{\"id\":\"a\"}", "{\"id\":\"b\"}");
        save(dataset("shelf-models", "Item::eu"), "{\"id\":\"c\"}");
        connect("crm", "shelf-empty");

        var start = page("/ui/dev/records?q=shelf-m");
        assertThat(start.select("#connections tbody th a").attr("href")).isEqualTo("/ui/dev/records/crm/shelf-models");
        assertThat(start.select("#connections tbody td").eachText()).startsWith("crm", "2", "3");
        assertThat(start.select(".nav a[aria-current=page]").text()).isEqualTo("Records");
        assertThat(page("/ui/dev/records?q=" + encoded(MARKUP))
                        .select(".empty h2")
                        .text())
                .contains("No connection matches");

        var models = page("/ui/dev/records/crm/shelf-models");
        assertThat(models.select("tbody a").eachAttr("href"))
                .containsExactly(
                        "/ui/dev/records/crm/shelf-models/Item", "/ui/dev/records/crm/shelf-models/Item?variant=eu");
        var variant = page("/ui/dev/records/crm/shelf-models/Item?variant=eu");
        assertThat(ids(variant)).containsExactly("c");
        assertThat(variant.select("#variant option").eachText()).containsExactly("base", "eu");
        assertThat(page("/ui/dev/records/crm/shelf-empty").select(".empty").text())
                .contains("No records");
        assertThat(page("/ui/dev/records/crm/shelf-empty/Item").select(".empty").text())
                .contains("No sync has saved a record");
        assertThat(browser.get("/ui/dev/records/crm/nobody").status()).isEqualTo(404);
    }

    @Test
    void records_are_paged_filtered_and_opened() throws IOException {
        connect("crm", "shelf-pages");
        var items = dataset("shelf-pages", "Item");
        save(
                items,
                IntStream.range(0, 120)
                        .mapToObj(i -> "{\"id\":\"i" + i + "\",\"n\":" + i + "}")
                        .toArray(String[]::new));
        save(items, "{\"id\":\"i7\",\"n\":\"changed\"}");
        records.delete(items, Writer.of(1), List.of("{\"id\":\"i9\"}".getBytes(UTF_8)));
        var path = "/ui/dev/records/crm/shelf-pages/Item";

        var seen = new ArrayList<String>();
        var first = page(path);
        for (var at = first; ; at = page(at.select("[rel=next]").attr("href"))) {
            seen.addAll(ids(at));
            if (at.select("[rel=next]").isEmpty()) {
                break;
            }
        }
        assertThat(seen).hasSize(120).doesNotHaveDuplicates().startsWith("i9", "i7", "i119", "i118");
        assertThat(ids(page(path + "?filter=deleted"))).containsExactly("i9");
        assertThat(ids(page(path + "?filter=updated"))).containsExactly("i7");
        assertThat(ids(page(path + "?filter=added"))).hasSize(50).doesNotContain("i7", "i9");
        assertThat(ids(page(path + "?ids=i3,%20i9,x"))).containsExactly("i3", "i9");

        // An app that holds this cursor reads what comes after it.
        var cursor = first.select("tr:has(code:matchesOwn(^i119$)) [data-copy]").attr("data-copy");
        assertThat(ids(page(path + "?cursor=" + encoded(cursor)))).containsExactly("i7", "i9");
        var wrong = browser.get(path + "?cursor=x");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(checked(wrong).select("#list-error").text()).contains("not a cursor");

        var opened = page(path + "?record=i9").select("#record");
        assertThat(opened.select("dt").eachText())
                .containsExactly("State", "First seen", "Last change", "Deleted", "Cursor");
        assertThat(opened.select("pre.code").text()).contains("\"n\": 9");
        assertThat(page(path + "?record=no").select("#record .empty")).hasSize(1);

        var live = page(path).select("[sse-connect]").attr("sse-connect");
        save(items, "{\"id\":\"later\"}");
        assertThat(firstEvent(live)).contains("event: records", "later", "i119");
    }

    private static String firstEvent(String path) throws IOException {
        var connection = URI.create(server.url() + path).toURL().openConnection();
        connection.setRequestProperty("Accept", "text/event-stream");
        browser.cookies().forEach((name, value) -> connection.addRequestProperty("Cookie", name + '=' + value));
        connection.setReadTimeout(60_000);
        var event = new StringBuilder();
        try (var lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8))) {
            for (var line = lines.readLine();
                    line != null && !(line.isEmpty() && event.indexOf("event:") >= 0);
                    line = lines.readLine()) {
                event.append(line).append('\n');
            }
        }
        return event.toString();
    }

    @Test
    void markup_in_records_is_shown_as_text() {
        connect("crm", "shelf-markup");
        var quoted = MARKUP.replace("\"", "\\\"");
        save(dataset("shelf-markup", "Item"), "{\"id\":\"" + quoted + "\",\"" + quoted + "\":\"" + quoted + "\"}");
        var path = "/ui/dev/records/crm/shelf-markup/Item";

        var list = page(path);
        assertThat(ids(list)).containsExactly(MARKUP);
        var link = list.select("#records tbody th a").attr("href").replaceAll("#.*", "");
        assertThat(page(link).select("#record pre.code").text()).contains("<script>alert(1)</script>");
        page(path + "?filter=" + encoded(MARKUP) + "&ids=" + encoded(MARKUP) + "&variant=" + encoded(MARKUP));
    }
}
