package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The {@code proxy} block of a definition, with parsed templates. */
public record ProxyRules(
        Optional<Template> baseUrl,
        List<Entry> headers,
        List<Entry> query,
        List<Entry> body,
        RetryRules retry,
        Optional<ObjectNode> paginate,
        Optional<Verification> verification,
        boolean decompress,
        boolean forwardHeadersOnRedirect) {
    public ProxyRules {
        headers = List.copyOf(headers);
        query = List.copyOf(query);
        body = List.copyOf(body);
    }

    /** A name and the template of its value; in bodies the name is a path of keys. */
    public record Entry(List<String> path, Template value) {
        public Entry {
            path = List.copyOf(path);
        }

        public String name() {
            return path.getLast();
        }
    }

    /**
     * The call that shows whether credentials work.
     *
     * @param expect what a good answer says, by dotted path: some providers answer 200 to wrong credentials
     */
    public record Verification(
            String method,
            List<Template> endpoints,
            Optional<Template> baseUrlOverride,
            List<Entry> headers,
            Optional<JsonNode> data,
            Map<String, String> expect) {
        public Verification {
            endpoints = List.copyOf(endpoints);
            headers = List.copyOf(headers);
        }
    }

    static ProxyRules of(JsonNode proxy) {
        return new ProxyRules(
                proxy.path("base_url")
                        .stringValueOpt()
                        .filter(url -> !url.isEmpty())
                        .map(Template::of),
                entries(proxy.path("headers"), true),
                entries(proxy.path("query"), false),
                leaves(proxy.path("body")),
                proxy.has("retry") ? RetryRules.of(proxy.get("retry")) : RetryRules.NONE,
                proxy.get("paginate") instanceof ObjectNode paginate ? Optional.of(paginate) : Optional.empty(),
                verification(proxy.path("verification")),
                proxy.path("decompress").asBoolean(false),
                proxy.path("forward_headers_on_redirect").asBoolean(false));
    }

    private static Optional<Verification> verification(JsonNode node) {
        if (!node.isObject()) {
            return Optional.empty();
        }
        var endpoints = node.path("endpoints")
                .valueStream()
                .map(endpoint -> Template.of(endpoint.asString("")))
                .toList();
        return Optional.of(new Verification(
                node.path("method").asString("GET").toUpperCase(Locale.ROOT),
                endpoints,
                node.path("base_url_override").stringValueOpt().map(Template::of),
                entries(node.path("headers"), true),
                Optional.ofNullable(node.get("data")),
                expected(node.path("expect"))));
    }

    private static Map<String, String> expected(JsonNode node) {
        var expected = new LinkedHashMap<String, String>();
        node.properties().forEach(p -> expected.put(p.getKey(), p.getValue().asString("")));
        return expected;
    }

    private static List<Entry> entries(JsonNode node, boolean lowerCase) {
        return node.propertyStream()
                .map(entry -> new Entry(
                        List.of(lowerCase ? entry.getKey().toLowerCase(Locale.ROOT) : entry.getKey()),
                        Template.of(entry.getValue().asString(""))))
                .toList();
    }

    private static List<Entry> leaves(JsonNode node) {
        var found = new ArrayList<Entry>();
        collect(node, List.of(), found);
        return found;
    }

    private static void collect(JsonNode node, List<String> at, List<Entry> found) {
        for (var property : node.properties()) {
            var path = new ArrayList<>(at);
            path.add(property.getKey());
            if (property.getValue().isObject()) {
                collect(property.getValue(), path, found);
            } else {
                found.add(new Entry(path, Template.of(property.getValue().asString(""))));
            }
        }
    }
}
