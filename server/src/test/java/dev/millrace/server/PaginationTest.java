package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.PagedApi;
import dev.millrace.server.testkit.PagedApi.Cursors;
import dev.millrace.server.testkit.PagedApi.Ending;
import dev.millrace.server.testkit.PagedApi.Links;
import dev.millrace.server.testkit.PagedApi.Offsets;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NumericNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Pagination as a function on a real worker sees it, against APIs that are generated. */
@Tag("slow")
class PaginationTest {
    private static final ConnectionRef CUSTOMER = new ConnectionRef("crm", "c1");
    private static final int TRIES = 40;

    private static final ScriptedApi api = new ScriptedApi();
    private static final TestServer server = TestServer.start();

    @BeforeContainer
    static void start() {
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        server.client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", "c1", "credentials", Map.of("type", "NONE")));
        server.client().deploy(Deployment.adding(List.of(Deployment.action("pages", Deployment.code("pages")))));
    }

    @AfterContainer
    static void stop() {
        server.close();
        api.close();
    }

    private static ObjectNode config(boolean inBody, ObjectNode paginate) {
        var config = RawClient.JSON
                .createObjectNode()
                .put("endpoint", "/things")
                .put("method", inBody ? "POST" : "GET")
                .put("baseUrlOverride", api.url());
        config.putObject(inBody ? "data" : "params").put("own", "kept");
        config.set("paginate", paginate.put("response_path", "result.items"));
        return config;
    }

    private static ObjectNode paginate(String type) {
        return RawClient.JSON.createObjectNode().put("type", type);
    }

    private static JsonNode run(ObjectNode config) {
        return server.client().triggerAction(CUSTOMER, "pages", Map.of("config", config));
    }

    private static List<List<Integer>> pages(JsonNode output) {
        return output.path("pages")
                .valueStream()
                .map(page -> page.valueStream().map(JsonNode::asInt).toList())
                .toList();
    }

    /** Pages of these sizes; their items are numbered through. */
    private static List<List<Integer>> expected(List<Integer> sizes) {
        var pages = new ArrayList<List<Integer>>();
        int from = 0;
        for (int size : sizes) {
            pages.add(IntStream.range(from, from + size).boxed().toList());
            from += size;
        }
        return pages;
    }

    @Property(tries = TRIES)
    void cursors_lead_to_the_first_page_without_items_or_the_last(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 4) Integer> sizes,
            @ForAll boolean numbers,
            @ForAll boolean missing,
            @ForAll Ending ending,
            @ForAll boolean inBody,
            @ForAll @IntRange(max = 9) int limit) {
        var generated = new Cursors(sizes, numbers, missing, ending);
        api.answers(generated::answer);
        var paginate = paginate("cursor")
                .put("cursor_name_in_request", "page.cursor")
                .put("cursor_path_in_response", "meta.next");
        if (limit > 0) {
            paginate.put("limit", limit).put("limit_name_in_request", "page.limit");
        }

        var output = run(config(inBody, paginate));

        int full = (int) sizes.stream().takeWhile(size -> size > 0).count();
        assertThat(pages(output)).isEqualTo(expected(sizes.subList(0, full)));
        assertThat(api.asked()).hasSize(Math.min(full + 1, sizes.size()));
        for (int i = 0; i < api.asked().size(); i++) {
            var asked = api.asked().get(i);
            assertThat(PagedApi.sent(asked, "own")).hasToString("\"kept\"");
            assertThat(text(PagedApi.sent(asked, "page.limit"))).isEqualTo(limit > 0 ? "" + limit : "none");
            assertThat(text(PagedApi.sent(asked, "page.cursor")))
                    .isEqualTo(i == 0 ? "none" : generated.cursor(i).asString());
        }
        assertThat(output.path("told")).hasSize(full);
        for (int i = 0; i < full && i < sizes.size() - 1; i++) {
            assertThat(output.path("told").get(i).get(0)).isEqualTo(generated.cursor(i + 1));
        }
    }

    @Property(tries = TRIES)
    void links_lead_through_all_pages_empty_ones_too(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 4) Integer> sizes,
            @ForAll boolean inHeader,
            @ForAll boolean absolute,
            @ForAll boolean missing,
            @ForAll boolean endless) {
        var generated = new Links(sizes, inHeader, absolute ? api.url() : "", missing, endless);
        api.answers(generated::answer);
        var paginate = paginate("link")
                .put("link_rel_in_response_header", "next")
                .put("link_path_in_response_body", "links.next")
                .put("limit", 3)
                .put("limit_name_in_request", "size");

        var output = run(config(false, paginate));

        // A last page that links to itself is not fetched once more: that link has just been followed.
        assertThat(pages(output)).isEqualTo(expected(sizes));
        assertThat(api.asked()).hasSize(sizes.size());
        assertThat(api.asked().getFirst().query()).isEqualTo("own=kept&size=3");
        assertThat(api.asked().subList(1, sizes.size()))
                .extracting(ScriptedApi.Asked::query)
                .isEqualTo(IntStream.range(1, sizes.size())
                        .mapToObj(page -> "x=a,b;c&at=" + page)
                        .toList());
    }

    @Property(tries = TRIES)
    void offsets_lead_to_the_first_page_that_is_short_or_empty(
            @ForAll @IntRange(max = 20) int total,
            @ForAll @IntRange(min = 1, max = 7) int size,
            @ForAll boolean pages,
            @ForAll @IntRange(max = 2) int first,
            @ForAll boolean missing,
            @ForAll boolean limited,
            @ForAll boolean inBody) {
        api.answers(new Offsets(total, size, pages, first, missing)::answer);
        var paginate =
                paginate("offset").put("offset_name_in_request", "page.offset").put("offset_start_value", first);
        if (pages) {
            paginate.put("offset_calculation_method", "per-page");
        }
        if (limited) {
            paginate.put("limit", size).put("limit_name_in_request", "page.limit");
        }

        var output = run(config(inBody, paginate));

        int from = pages ? 0 : Math.min(first, total);
        int count = total - from;
        int full = (count + size - 1) / size;
        boolean endsShort = limited && count % size != 0;
        assertThat(pages(output).stream().flatMap(List::stream))
                .containsExactlyElementsOf(IntStream.range(from, total).boxed().toList());
        assertThat(pages(output)).hasSize(full).allMatch(page -> page.size() <= size);
        assertThat(api.asked()).hasSize(endsShort ? full : full + 1);
        assertThat(api.asked()).allSatisfy(asked -> {
            assertThat(PagedApi.sent(asked, "page.offset")).isInstanceOf(inBody ? NumericNode.class : StringNode.class);
            assertThat(PagedApi.sent(asked, "own")).hasToString("\"kept\"");
        });
        assertThat(output.path("told"))
                .extracting(told -> told.get(0).asInt())
                .isEqualTo(IntStream.range(0, endsShort ? full - 1 : full)
                        .map(page -> pages ? first + page : first + page * size)
                        .boxed()
                        .toList());
    }

    private static String text(@Nullable JsonNode node) {
        return node == null ? "none" : node.asString();
    }
}
