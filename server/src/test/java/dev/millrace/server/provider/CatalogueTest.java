package dev.millrace.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The form of the definitions that come with the server. */
class CatalogueTest {
    private static final Path SOURCES = Path.of("src/main/resources/providers");
    private static final Path PAGE = Path.of("../docs/providers.md");
    private static final Set<String> FIELDS = Set.of("connection_config", "credentials", "integration_config");
    private static final Set<String> CATEGORIES =
            Set.of(("accounting analytics ats banking cms communication crm design"
                            + " dev-tools e-commerce erp gaming hr iam invoicing knowledge-base legal marketing mcp other payment"
                            + " popular productivity search social sports storage support surveys ticketing video")
                    .split(" "));

    private static final Providers CATALOGUE = Providers.load(List.of());

    static List<Provider> providers() {
        return CATALOGUE.search("");
    }

    private static List<Path> sources() throws IOException {
        try (var files = Files.list(SOURCES)) {
            return files.sorted().toList();
        }
    }

    private static ObjectNode written(Path file) {
        try {
            return (ObjectNode) Yaml.MAPPER.readTree(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void the_built_in_definitions_are_those_of_the_sources() throws IOException {
        var names = new ArrayList<String>();
        for (var file : sources()) {
            var name = file.getFileName().toString().replace(".yaml", "");
            names.add(name);

            assertThat(written(file).propertyNames()).as(file.toString()).containsExactly(name);
            assertThat(BuiltIns.read(name))
                    .as(file.toString())
                    .isEqualTo(written(file).get(name));
        }
        assertThat(CATALOGUE.names()).containsExactlyInAnyOrderElementsOf(names);
    }

    /** As {@code millrace providers check} does it. */
    @Test
    void the_check_of_definitions_finds_nothing() {
        var report = Providers.load(List.of(SOURCES)).check();

        assertThat(report.faults()).isEmpty();
        assertThat(report.hints()).isEmpty();
        assertThat(report.definitions()).isEqualTo(CATALOGUE.names().size());
    }

    @Test
    void keys_are_sorted_except_the_names_of_fields() throws IOException {
        for (var file : sources()) {
            sorted(file.toString(), written(file));
        }
    }

    private static void sorted(String at, JsonNode node) {
        for (var child : node.properties()) {
            var place = at + ": " + child.getKey();
            if (child.getValue().isObject() && !FIELDS.contains(child.getKey())) {
                assertThat(List.copyOf(child.getValue().propertyNames()))
                        .as(place)
                        .isSorted();
            }
            sorted(place, child.getValue());
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void each_says_what_it_is_and_where_it_is_documented(Provider provider) {
        var definition = provider.definition();

        assertThat(provider.text("display_name")).isPresent();
        assertThat(definition.path("categories").valueStream().map(JsonNode::stringValue))
                .isNotEmpty()
                .isSubsetOf(CATEGORIES);
        assertThat(List.of(
                        provider.text("docs").orElse(""),
                        provider.text("setup_guide_url").orElse("https://none")))
                .allSatisfy(link -> assertThat(URI.create(link)).hasScheme("https"));
        assertThat(provider.proxy()).isNotNull();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void examples_of_fields_are_valid(Provider provider) {
        for (var block : FIELDS) {
            provider.block(block)
                    .ifPresent(fields -> fields.properties().forEach(field -> {
                        var example = field.getValue().path("example").asString("");
                        var pattern = field.getValue().path("pattern").asString("");
                        var choices = field.getValue().path("enum");
                        var title = field.getValue().path("title").asString("");
                        assertThat(title).as(field.getKey()).isNotEmpty();
                        if (!example.isEmpty() && !pattern.isEmpty()) {
                            assertThat(EcmaPattern.compile(pattern)
                                            .matcher(example)
                                            .find())
                                    .as(example)
                                    .isTrue();
                        }
                        if (!example.isEmpty() && choices.isArray()) {
                            assertThat(choices.valueStream().map(JsonNode::stringValue))
                                    .contains(example);
                        }
                        if (block.equals("connection_config")) {
                            assertThat(example).as(field.getKey()).isNotEmpty();
                        }
                    }));
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void each_placeholder_has_a_field(Provider provider) {
        var known = new HashSet<>(given(provider.authMode()));
        provider.block("connection_config")
                .ifPresent(fields -> fields.propertyNames().forEach(name -> known.add("connectionConfig." + name)));
        provider.block("credentials")
                .ifPresent(fields -> fields.propertyNames().forEach(name -> {
                    known.add(name);
                    known.add("credentials." + name);
                }));

        assertThat(placeholders(provider.definition())).isSubsetOf(known);
    }

    private static Set<String> given(AuthMode mode) {
        return switch (mode) {
            case OAUTH2, MCP_OAUTH2, MCP_OAUTH2_GENERIC -> Set.of("accessToken", "clientId", "clientSecret");
            case OAUTH2_CC, TWO_STEP, JWT, SIGNATURE, APP, CUSTOM -> Set.of("accessToken");
            case API_KEY -> Set.of("apiKey");
            case BASIC, INSTALL_PLUGIN -> Set.of("username", "password");
            case OAUTH1, BILL, NONE, TBA, AWS_SIGV4 -> Set.of();
        };
    }

    /** Without those of webhooks and of the calls after a connection, which have names of their own. */
    private static List<String> placeholders(ObjectNode definition) {
        return placeholders((JsonNode) definition.deepCopy().remove(List.of("webhook", "post_connection")));
    }

    private static List<String> placeholders(JsonNode node) {
        if (node.isString()) {
            return Template.of(node.stringValue()).variables();
        }
        return node.valueStream().flatMap(child -> placeholders(child).stream()).toList();
    }

    @Test
    void the_page_of_providers_is_that_of_the_definitions() throws IOException {
        var page = CataloguePage.of(providers());

        if (Boolean.getBoolean("millrace.rewrite")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("to rewrite the page: " + CataloguePage.COMMAND)
                .isEqualTo(page);
    }

    @Test
    void the_catalogue_has_the_apis_that_product_teams_integrate_most() {
        assertThat(Stream.of(
                        "hubspot", "salesforce", "greenhouse", "bamboohr", "jira", "zendesk", "quickbooks", "xero"))
                .allMatch(name -> CATALOGUE.find(name).isPresent());
        assertThat(CATALOGUE.names()).hasSizeGreaterThanOrEqualTo(100);
    }
}
