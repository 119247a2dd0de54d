package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The calls of {@code post_connection} or {@code pre_connection_deletion}, in order.
 *
 * @param config what the connection is to keep of the answers, by name
 */
public record StepRules(List<Step> steps, Map<String, Template> config) {
    public StepRules {
        steps = List.copyOf(steps);
    }

    /** One call; it may name what earlier ones answered: {@code ${step1.user.id}}. */
    public record Step(
            String method,
            Template endpoint,
            Optional<Template> baseUrlOverride,
            Map<String, Template> headers,
            Optional<JsonNode> data) {}

    /** Those of a block, {@code post_connection} for example; empty when the definition has none. */
    public static Optional<StepRules> of(Provider provider, String block) {
        return provider.block(block).map(node -> {
            var steps = new ArrayList<Step>();
            for (var step : node.path("requests")) {
                steps.add(new Step(
                        step.path("method").asString("GET").toUpperCase(Locale.ROOT),
                        Template.of(step.path("endpoint").asString("")),
                        step.path("base_url_override").stringValueOpt().map(Template::of),
                        templates(step.path("headers")),
                        Optional.ofNullable(step.get("data"))));
            }
            return new StepRules(steps, templates(node.path("connection_config")));
        });
    }

    private static Map<String, Template> templates(JsonNode node) {
        var templates = new LinkedHashMap<String, Template>();
        node.properties()
                .forEach(p -> templates.put(p.getKey(), Template.of(p.getValue().asString(""))));
        return templates;
    }

    /** A copy of a value with all placeholders in it replaced; a field whose value is missing is left out. */
    public static JsonNode filled(JsonNode value, Names names, Moment moment) {
        if (value instanceof ObjectNode object) {
            var copy = object.objectNode();
            object.properties().forEach(p -> {
                var filled = filled(p.getValue(), names, moment);
                if (!filled.isMissingNode()) {
                    copy.set(p.getKey(), filled);
                }
            });
            return copy;
        }
        if (value.isArray()) {
            var copy = JsonNodeFactory.instance.arrayNode();
            value.forEach(item -> {
                var filled = filled(item, names, moment);
                if (!filled.isMissingNode()) {
                    copy.add(filled);
                }
            });
            return copy;
        }
        if (!value.isString()) {
            return value;
        }
        var factory = JsonNodeFactory.instance;
        return Template.of(value.stringValue())
                .resolve(names, moment)
                .<JsonNode>map(factory::stringNode)
                .orElseGet(factory::missingNode);
    }
}
