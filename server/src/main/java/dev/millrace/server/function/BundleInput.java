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
    private static final List<String> EVENTS =
            List.of("post-connection-creation", "pre-connection-deletion", "validate-connection");
    private static final List<String> KEPT = List.of(
            "trigger",
            "requires",
            "capabilities",
            "limits",
            "input_schema_ref",
            "output_schema_ref",
            "metadata_schema_ref",
            "checkpoint_schema_ref",
            "model_schema_refs");

    private BundleInput() {}

    /** @param integration the only integration of the deployment; empty: the whole environment */
    record Bundle(Optional<String> integration, List<Draft> functions) {}

    static Bundle read(Fields body) {
        var scope = body.object("reconciliationScope");
        var kind = scope.choice("kind", List.of("environment", "integration"));
        var integration = kind.equals("integration")
                ? Optional.of(scope.text("integrationId", Text.INTEGRATION_ID))
                : Optional.<String>empty();
        scope.close();
        var drafts = new ArrayList<Draft>();
        var keys = new HashSet<Function.Key>();
        var functions = body.array("functions");
        for (int i = 0; i < functions.size(); i++) {
            var fields = body.item("functions", i, functions.get(i));
            var draft = draft(fields, functions.get(i));
            var key = draft.key();
            if (!keys.add(key)) {
                fields.issue("custom", "The name " + key.name() + " is used twice in " + key.integration(), "name");
            }
            if (integration.isPresent() && !integration.get().equals(key.integration())) {
                fields.issue("custom", "Every function must belong to " + integration.get(), "integrationId");
            }
            drafts.add(draft);
        }
        body.end();
        return new Bundle(integration, drafts);
    }

    private static Draft draft(Fields fields, JsonNode sent) {
        var name = fields.text("name", Text.NAME);
        var integration = fields.text("integrationId", Text.INTEGRATION_ID);
        var description = fields.text("description", DESCRIPTION);
        var trigger = trigger(fields.object("trigger"));
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
        return new Draft(
                new Function.Key(integration, Kind.FUNCTION, name, ""),
                Optional.empty(),
                js,
                ts,
                Optional.of(description),
                List.of(),
                trigger.frequency(),
                trigger.starts(),
                false,
                Optional.empty(),
                refs.models().stream().map(BundleInput::model).toList(),
                refs.input().map(BundleInput::model),
                Json.array(),
                trigger.subscriptions(),
                Optional.of(refs.schema()),
                List.of(),
                Optional.of(kept(sent)));
    }

    /** The parts of the definition that only bundle functions have. */
    private static ObjectNode kept(JsonNode sent) {
        var kept = Json.object();
        KEPT.stream().filter(sent::has).forEach(name -> kept.set(name, sent.get(name)));
        return kept;
    }

    private static String model(String ref) {
        return ref.startsWith(REF_PREFIX) ? ref.substring(REF_PREFIX.length()) : ref;
    }

    /** @param starts whether a schedule begins with the connection */
    private record Trigger(Optional<String> frequency, boolean starts, List<String> subscriptions) {
        static final Trigger CALL = new Trigger(Optional.empty(), false, List.of());
    }

    private static Trigger trigger(Fields trigger) {
        var read = switch (trigger.choice("kind", List.of("none", "schedule", "http", "event"))) {
            case "schedule" -> {
                var frequency = trigger.text("frequency", Text.SHORT);
                checkFrequency(trigger, frequency);
                yield new Trigger(Optional.of(frequency), trigger.optionalFlag("autoStart", true), List.of());
            }
            case "http" -> {
                var subscriptions = trigger.optionalTexts("subscriptions", Text.SHORT);
                if (trigger.has("debounce")) {
                    debounce(trigger.object("debounce"));
                }
                yield new Trigger(Optional.empty(), false, subscriptions);
            }
            case "event" -> {
                var events = trigger.texts("events", Text.SHORT);
                for (int i = 0; i < events.size(); i++) {
                    if (!EVENTS.contains(events.get(i))) {
                        trigger.issue(
                                "invalid_value",
                                "Invalid option: expected one of " + String.join("|", EVENTS),
                                "events",
                                String.valueOf(i));
                    }
                }
                yield Trigger.CALL;
            }
            default -> Trigger.CALL;
        };
        trigger.close();
        return read;
    }

    private static void checkFrequency(Fields trigger, String frequency) {
        var parsed = Frequency.parse(frequency);
        if (parsed.isEmpty()) {
            trigger.issue("invalid_format", "Invalid frequency \"" + frequency + "\"", "frequency");
        } else if (parsed.get().interval().compareTo(Frequency.SHORTEST) < 0) {
            trigger.issue("too_small", "Sync interval is too short. The minimum interval is 30 seconds.", "frequency");
        }
    }

    private static void debounce(Fields debounce) {
        if (debounce.any("keyBy").filter(JsonNode::isArray).isPresent()) {
            var keys = debounce.array("keyBy");
            for (int i = 0; i < keys.size(); i++) {
                key(debounce.item("keyBy", i, keys.get(i)));
            }
        } else if (debounce.has("keyBy")) {
            key(debounce.object("keyBy"));
        }
        if (debounce.optionalInt("windowMs", 0, Integer.MAX_VALUE).isEmpty() && !debounce.has("windowMs")) {
            debounce.issue("invalid_type", "Invalid input: expected number, received undefined", "windowMs");
        }
        debounce.optionalInt("maxEntities", 1, Integer.MAX_VALUE);
        debounce.optionalChoice("take", List.of("latest", "first", "all"));
        debounce.close();
    }

    private static void key(Fields key) {
        key.text(key.has("header") ? "header" : "body", Text.SHORT);
        key.close();
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

    private record Refs(
            Optional<String> input,
            Optional<String> metadata,
            Optional<String> checkpoint,
            List<String> models,
            ObjectNode schema) {}

    private static Refs refs(Fields fields) {
        var input = ref(fields, "input_schema_ref");
        var output = ref(fields, "output_schema_ref");
        var metadata = ref(fields, "metadata_schema_ref");
        var checkpoint = ref(fields, "checkpoint_schema_ref");
        var models = fields.texts("model_schema_refs", REF);
        var schema = fields.object("json_schema").loose();
        var document = schema.all();
        var known = Set.copyOf(schema.record("definitions").propertyNames());
        schema.close();
        check(fields, known, "input_schema_ref", input.stream().toList());
        check(fields, known, "output_schema_ref", output.stream().toList());
        check(fields, known, "metadata_schema_ref", metadata.stream().toList());
        check(fields, known, "checkpoint_schema_ref", checkpoint.stream().toList());
        check(fields, known, "model_schema_refs", models);
        return new Refs(input, metadata, checkpoint, models, document);
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
