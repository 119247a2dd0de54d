package dev.millrace.server.function;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the body of a deployment of bundle functions or of its preview. */
final class BundleInput {
    private static final Text REF = Text.matching("^#/definitions/.+$");
    private static final String REF_PREFIX = "#/definitions/";
    private static final Text DESCRIPTION = Text.between(0, 2_000);

    private BundleInput() {}

    /** @param integration the only integration of the deployment; empty: the whole environment */
    record Bundle(Optional<String> integration, List<Item> functions) {}

    /**
     * One function.
     *
     * @param definition as it was sent, without its code
     */
    record Item(String integration, String name, ObjectNode definition, String js, String ts) {
        BundleFunction.Key key() {
            return new BundleFunction.Key(integration, name);
        }
    }

    static Bundle read(Fields body) {
        var scope = body.object("reconciliationScope");
        var kind = scope.choice("kind", List.of("environment", "integration"));
        var integration = kind.equals("integration")
                ? Optional.of(scope.text("integrationId", Text.INTEGRATION_ID))
                : Optional.<String>empty();
        scope.close();
        var items = new ArrayList<Item>();
        var keys = new HashSet<BundleFunction.Key>();
        var functions = body.array("functions");
        for (int i = 0; i < functions.size(); i++) {
            var fields = body.item("functions", i, functions.get(i));
            var item = item(fields, functions.get(i));
            if (!keys.add(item.key())) {
                fields.issue("custom", "The name " + item.name() + " is used twice in " + item.integration(), "name");
            }
            if (integration.isPresent() && !integration.get().equals(item.integration())) {
                fields.issue("custom", "Every function must belong to " + integration.get(), "integrationId");
            }
            items.add(item);
        }
        body.end();
        return new Bundle(integration, items);
    }

    private static Item item(Fields fields, JsonNode sent) {
        var name = fields.text("name", Text.NAME);
        var integration = fields.text("integrationId", Text.INTEGRATION_ID);
        fields.text("description", DESCRIPTION);
        trigger(fields.object("trigger"));
        var requires = requires(fields.object("requires"));
        var capabilities = capabilities(fields.object("capabilities"));
        limits(fields.object("limits"));
        var refs = refs(fields);
        checkCapabilities(fields, capabilities, requires, refs);
        var file = fields.object("fileBody");
        var js = file.text("js", Text.ANY);
        var ts = file.text("ts", Text.ANY);
        file.close();
        fields.close();
        var definition = sent instanceof ObjectNode object ? object.deepCopy() : Json.object();
        definition.remove("fileBody");
        return new Item(integration, name, definition, js, ts);
    }

    private static void trigger(Fields trigger) {
        switch (trigger.choice("kind", List.of("none", "schedule", "http", "event"))) {
            case "schedule" -> {
                var frequency = trigger.text("frequency", Text.SHORT);
                if (Frequency.parse(frequency).isEmpty()) {
                    trigger.issue("invalid_format", "Invalid frequency \"" + frequency + "\"", "frequency");
                }
                trigger.optionalFlag("autoStart", false);
            }
            case "http" -> {
                trigger.optionalTexts("subscriptions", Text.SHORT);
                if (trigger.has("debounce")) {
                    debounce(trigger.object("debounce"));
                }
            }
            case "event" -> trigger.texts("events", Text.SHORT);
            default -> {}
        }
        trigger.close();
    }

    private static void debounce(Fields debounce) {
        debounce.any("keyBy");
        if (debounce.optionalInt("windowMs", 0, Integer.MAX_VALUE).isEmpty() && !debounce.has("windowMs")) {
            debounce.issue("invalid_type", "Invalid input: expected number, received undefined", "windowMs");
        }
        debounce.optionalInt("maxEntities", 1, Integer.MAX_VALUE);
        debounce.any("take");
        debounce.close();
    }

    private record Requires(boolean outbound, boolean invoke) {}

    /** A function that needs a connection may call the provider unless it says otherwise. */
    private static Requires requires(Fields requires) {
        boolean connection = requires.optionalFlag("connection", true);
        boolean outbound = requires.optionalFlag("outbound", connection);
        if (outbound && !connection) {
            requires.issue("invalid_value", "Invalid input: expected false", "outbound");
        }
        boolean invoke = requires.optionalFlag("invoke", false);
        requires.close();
        return new Requires(outbound, invoke);
    }

    private record Capabilities(
            boolean records, boolean outbound, boolean checkpoints, boolean metadata, boolean invoke) {}

    private static Capabilities capabilities(Fields fields) {
        var capabilities = new Capabilities(
                fields.flag("usesRecords"),
                fields.flag("usesOutbound"),
                fields.flag("usesCheckpoints"),
                fields.flag("usesMetadata"),
                fields.flag("usesInvoke"));
        fields.close();
        return capabilities;
    }

    private static void limits(Fields limits) {
        if (limits.has("concurrency")) {
            var concurrency = limits.object("concurrency");
            var most = concurrency.any("perConnection");
            if (most.filter(m ->
                            (m.isInt() && m.intValue() == 1) || m.asString("").equals("max"))
                    .isEmpty()) {
                concurrency.issue("invalid_union", "Invalid input: expected 1 or \"max\"", "perConnection");
            }
            concurrency.close();
        }
        limits.close();
    }

    private record Refs(Optional<String> metadata, Optional<String> checkpoint, List<String> models) {}

    private static Refs refs(Fields fields) {
        var input = ref(fields, "input_schema_ref");
        var output = ref(fields, "output_schema_ref");
        var metadata = ref(fields, "metadata_schema_ref");
        var checkpoint = ref(fields, "checkpoint_schema_ref");
        var models = fields.texts("model_schema_refs", REF);
        var schema = fields.object("json_schema").loose();
        var known = Set.copyOf(schema.record("definitions").propertyNames());
        schema.close();
        check(fields, known, "input_schema_ref", input.stream().toList());
        check(fields, known, "output_schema_ref", output.stream().toList());
        check(fields, known, "metadata_schema_ref", metadata.stream().toList());
        check(fields, known, "checkpoint_schema_ref", checkpoint.stream().toList());
        check(fields, known, "model_schema_refs", models);
        return new Refs(metadata, checkpoint, models);
    }

    private static Optional<String> ref(Fields fields, String name) {
        return fields.any(name).filter(JsonNode::isNull).isPresent()
                ? Optional.empty()
                : Optional.of(fields.text(name, REF));
    }

    private static void check(Fields fields, Set<String> known, String name, List<String> refs) {
        for (var ref : refs) {
            if (ref.startsWith(REF_PREFIX) && !known.contains(ref.substring(REF_PREFIX.length()))) {
                fields.issue("custom", "json_schema does not define " + ref, name);
            }
        }
    }

    private static void checkCapabilities(Fields fields, Capabilities capabilities, Requires requires, Refs refs) {
        agree(fields, "usesRecords", capabilities.records(), !refs.models().isEmpty());
        agree(fields, "usesOutbound", capabilities.outbound(), requires.outbound());
        agree(
                fields,
                "usesCheckpoints",
                capabilities.checkpoints(),
                refs.checkpoint().isPresent());
        agree(fields, "usesMetadata", capabilities.metadata(), refs.metadata().isPresent());
        agree(fields, "usesInvoke", capabilities.invoke(), requires.invoke());
    }

    private static void agree(Fields fields, String name, boolean said, boolean found) {
        if (said != found) {
            fields.issue(
                    "custom",
                    name + " is " + said + ", but the rest of the function says " + found,
                    "capabilities",
                    name);
        }
    }
}
