package dev.millrace.server.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Answers in the manners of many APIs: each path behaves as one kind of product does. */
public final class Vendor implements MockApi.Further {
    private static final List<Integer> NUMBERS = List.of(1, 2, 3, 4, 5);

    private final AtomicInteger queries = new AtomicInteger();
    private final AtomicInteger limited = new AtomicInteger();

    @Override
    public Optional<Response> serve(String path, Request req) {
        return Optional.ofNullable(answer(path, req));
    }

    private @Nullable Response answer(String path, Request req) {
        return switch (path) {
            case "/soql", "/soql/next-1", "/soql/next-2" -> json(accounts(path, req));
            case "/crm/search" -> json(found(body(req)));
            case "/issues" -> issues(req);
            case "/offset" -> {
                int start = number(req, "start");
                yield json(Map.of("data", Map.of("values", slice(start, number(req, "count")))));
            }
            case "/cursor" -> json(values(body(req)));
            case "/graphql" -> json(products(body(req)));
            case "/csv" -> text("text/csv", "id,name\r\n1,\"Ada, Countess\"\r\n2,Grace\r\n");
            case "/refuse" ->
                json(
                        422,
                        Map.of("X-RateLimit-Remaining", List.of("0")),
                        Map.of("errors", List.of(Map.of("message", "email is taken"))));
            case "/slack/post" -> json(Map.of("ok", false, "error", "channel_not_found"));
            case "/blocks/root%2F1/children" ->
                json(Map.of("results", List.of(block("one", true), block("two", true), block("three", true))));
            case "/blocks/one/children" -> json(Map.of("results", List.of(block("deep", true))));
            case "/blocks/two/children", "/blocks/three/children", "/blocks/deep/children" ->
                json(Map.of("results", List.of()));
            case "/limited" -> {
                int tries = limited.incrementAndGet();
                yield json(
                        tries == 1 ? 429 : 200,
                        Map.of("X-Wait", List.of("0.01")),
                        Map.of("tries", tries, "text", "welcome"));
            }
            case "/feed.xml" -> text("application/xml", """
                        <?xml version="1.0"?><feed>
                        <item id="7"><title>Fish &amp; &quot;Chips&quot;</title><tag>a</tag><tag>b</tag>
                        <at>2024-05-06T07:08:09</at></item>
                        <item id="8"><title>Gr&#246;&#223;e</title></item></feed>""");
            case "/contacts" -> json(contacts(req));
            default -> null;
        };
    }

    private static Map<String, Object> accounts(String path, Request req) {
        return switch (path) {
            case "/soql" ->
                Map.of(
                        "asked",
                        req.queryTree().path("q").asString(""),
                        "done",
                        false,
                        "nextRecordsUrl",
                        "/soql/next-1",
                        "records",
                        List.of(Map.of("Id", "001", "Name", "Acme", "NumberOfEmployees", 12)));
            case "/soql/next-1" ->
                Map.of(
                        "done",
                        false,
                        "nextRecordsUrl",
                        "/soql/next-2",
                        "records",
                        List.of(Map.of("Id", "002", "Name", "Brío & Söhne", "Website", "https://brio.example")));
            default ->
                Map.of("done", true, "records", List.of(Map.of("Id", "003", "Name", "Cäsar", "NumberOfEmployees", 0)));
        };
    }

    private static Map<String, Object> found(JsonNode asked) {
        int after = asked.path("after").asInt(0);
        int limit = asked.path("limit").asInt(0);
        var answer = new HashMap<String, Object>();
        answer.put("asked", asked);
        answer.put(
                "results",
                slice(after, limit).stream().map(n -> Map.of("id", "" + n)).toList());
        if (after + limit < NUMBERS.size()) {
            answer.put("paging", Map.of("next", Map.of("after", "" + (after + limit))));
        }
        return answer;
    }

    private static List<Integer> slice(int from, int count) {
        int start = Math.min(from, NUMBERS.size());
        return NUMBERS.subList(start, Math.min(start + count, NUMBERS.size()));
    }

    /** Of the first page the size is told, later ones keep it; pull requests stand among the issues. */
    private static Response issues(Request req) {
        int page = Math.max(number(req, "page"), 1);
        var issues = new ArrayList<Map<String, Object>>();
        slice(2 * (page - 1), 2).forEach(n -> issues.add(Map.of("number", n)));
        issues.add(Map.of("number", 100 + page, "pull_request", Map.of()));
        Map<String, List<String>> headers = Map.of();
        if (page < 3) {
            var base = "http://" + req.origin().authority() + "/issues?state=all&per_page=2&page=";
            var link = "<" + base + "1>; rel=\"first\", <" + base + (page + 1) + ">; rel=\"next\"";
            headers = Map.of("Link", List.of(link));
        }
        return json(200, headers, issues);
    }

    private static Map<String, Object> values(JsonNode asked) {
        int after = asked.at("/page/after").asInt(0);
        int size = asked.at("/page/size").asInt(0);
        return after + size < NUMBERS.size()
                ? Map.of("values", slice(after, size), "meta", Map.of("next", after + size))
                : Map.of("values", slice(after, size));
    }

    /** The first query and the third are asked for too soon. */
    private Map<String, Object> products(JsonNode asked) {
        if (queries.incrementAndGet() % 2 == 1) {
            return Map.of("errors", List.of(Map.of("message", "Throttled", "extensions", Map.of("code", "THROTTLED"))));
        }
        boolean first = asked.at("/variables/cursor").isNull();
        var titles = first ? List.of("Hat", "Coat") : List.of("Scarf");
        var edges = titles.stream()
                .map(title -> Map.of("node", Map.of("title", title)))
                .toList();
        return Map.of(
                "data",
                Map.of(
                        "products",
                        Map.of("edges", edges, "pageInfo", Map.of("hasNextPage", first, "endCursor", "after-2"))));
    }

    private static Map<String, Object> block(String text, boolean children) {
        return Map.of("id", text, "text", text, "has_children", children);
    }

    private static Map<String, Object> contacts(Request req) {
        if (!req.queryTree().has("cursor")) {
            var ada =
                    Map.of("id", "c1", "attributes", Map.of("name", "Ada", "email", "", "labels", List.of("vip", "")));
            return Map.of("data", List.of(ada), "links", Map.of("next", "2"));
        }
        var bob = Map.of("id", "c2", "attributes", Map.of("name", "Bob", "email", "bob@example.com"));
        var number = Map.of("id", 77, "attributes", Map.of("name", "Number"));
        return Map.of("data", List.of(bob, number), "links", Map.of());
    }

    private static int number(Request req, String name) {
        return req.queryTree().path(name).asInt(0);
    }

    private static JsonNode body(Request req) {
        return RawClient.JSON.readTree(req.body());
    }

    private static Response json(Object body) {
        return json(200, Map.of(), body);
    }

    private static Response json(int status, Map<String, List<String>> headers, Object body) {
        var all = new HashMap<>(headers);
        all.put("Content-Type", List.of("application/json"));
        return new Response.Bytes(status, all, RawClient.JSON.writeValueAsBytes(body));
    }

    private static Response text(String type, String text) {
        return new Response.Bytes(200, type, text.getBytes(UTF_8));
    }
}
