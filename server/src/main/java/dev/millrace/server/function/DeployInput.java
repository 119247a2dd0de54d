package dev.millrace.server.function;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the body of a deploy or of its preview. */
final class DeployInput {
    private static final Text SDK_VERSION = Text.matching("[0-9]+\\.[0-9]+\\.[0-9]+-(zero|yaml)");
    private static final List<String> EVENTS =
            List.of("post-connection-creation", "pre-connection-deletion", "validate-connection");
    private static final Text DESCRIPTION = Text.between(0, 2000);
    private static final Pattern FEATURE = Pattern.compile("^checkpoints$");

    private DeployInput() {}

    /** The scope of a deploy: functions within it that the deploy does not contain are deleted. */
    enum Mode {
        ALL,
        INTEGRATION,
        SINGLE
    }

    /** @param onEvents empty when the deploy does not change on-event functions */
    record Deploy(
            List<Draft> flows,
            Optional<List<Draft>> onEvents,
            boolean reconcile,
            Mode mode,
            Optional<String> sdkVersion,
            String source) {

        /** All functions of the deploy. */
        List<Draft> drafts() {
            var all = new ArrayList<>(flows);
            onEvents.ifPresent(all::addAll);
            return all;
        }
    }

    static Deploy read(Fields body, boolean preview) {
        var flows = flows(body);
        var onEvents = onEvents(body);
        var reconcile = body.flag("reconcile");
        body.flag("debug");
        var single = body.optionalFlag("singleDeployMode", false);
        var mode = body.optionalChoice("deployMode", List.of("all", "single", "integration"))
                .map(m -> Mode.valueOf(m.toUpperCase(java.util.Locale.ROOT)))
                .orElse(single ? Mode.SINGLE : Mode.ALL);
        body.optionalRecord("jsonSchema");
        var sdkVersion = body.optionalText("sdkVersion", SDK_VERSION);
        var source =
                body.optionalChoice("source", List.of("repo", "standalone")).orElse("repo");
        if (!preview) {
            body.text("nangoYamlBody", Text.ANY);
        }
        body.end();
        return new Deploy(flows, onEvents, reconcile, mode, sdkVersion, source);
    }

    private static List<Draft> flows(Fields body) {
        var drafts = new ArrayList<Draft>();
        var flows = body.array("flowConfigs");
        for (int i = 0; i < flows.size(); i++) {
            drafts.add(flow(body.item("flowConfigs", i, flows.get(i))));
        }
        return drafts;
    }

    private static Draft flow(Fields flow) {
        var kind = Kind.of(flow.choice("type", List.of("action", "sync")));
        var models = flow.texts("models", Text.SHORT);
        var runs = runs(flow, kind);
        var autoStart = flow.optionalFlag("auto_start", false);
        flow.optionalRecord("attributes");
        var metadata = flow.has("metadata") ? Optional.of(flow.object("metadata")) : Optional.<Fields>empty();
        var description = metadata.flatMap(m -> m.optionalText("description", DESCRIPTION));
        var scopes = metadata.map(m -> m.optionalTexts("scopes", Text.between(0, 255)))
                .orElse(List.of());
        flow.any("model_schema");
        var input = flow.any("input").filter(JsonNode::isString).map(JsonNode::stringValue);
        var endpoints = Endpoints.read(flow);
        var name = flow.text("syncName", Text.NAME);
        var integration = flow.text("providerConfigKey", Text.INTEGRATION_ID);
        var file = flow.object("fileBody");
        var js = file.text("js", Text.ANY);
        var ts = file.text("ts", Text.ANY);
        file.close();
        var version = flow.optionalText("version", Text.between(0, 255)).filter(v -> !v.isEmpty());
        var trackDeletes = flow.optionalFlag("track_deletes", false);
        var syncType = flow.optionalChoice("sync_type", List.of("incremental", "full"));
        if (trackDeletes && syncType.filter("incremental"::equals).isPresent()) {
            flow.issue("custom", "track_deletes cannot be combined with an incremental sync", "track_deletes");
        }
        var subscriptions = flow.optionalTexts("webhookSubscriptions", Text.SHORT);
        var schema = flow.optionalRecord("models_json_schema");
        var features = flow.optionalTexts("features", new Text(0, 255, Optional.of(FEATURE)));
        flow.close();
        checkModels(kind, name, models, input, schema);
        return new Draft(
                new Function.Key(integration, kind, name, ""),
                version,
                js,
                ts,
                description,
                scopes,
                runs,
                autoStart,
                trackDeletes,
                syncType,
                models,
                input,
                endpoints,
                subscriptions,
                schema.map(s -> (JsonNode) s),
                features,
                Optional.empty());
    }

    private static Optional<String> runs(Fields flow, Kind kind) {
        if (flow.any("runs").filter(JsonNode::isNull).isPresent()) {
            return Optional.empty();
        }
        var runs = flow.text("runs", Text.between(0, 255));
        if (runs.isEmpty()) {
            return Optional.empty();
        }
        var frequency = Frequency.parse(runs);
        if (frequency.isEmpty()) {
            flow.issue(
                    "invalid_format", "Invalid frequency \"" + runs + "\": write for example \"every hour\"", "runs");
        } else if (kind == Kind.SYNC && frequency.get().interval().compareTo(Frequency.SHORTEST) < 0) {
            throw new Failure.Typed(
                    400,
                    "sync_interval_too_short",
                    "Sync interval is too short. The minimum interval is 30 seconds.",
                    Json.object());
        }
        return Optional.of(runs);
    }

    private static void checkModels(
            Kind kind, String name, List<String> models, Optional<String> input, Optional<ObjectNode> schema) {
        if (schema.isEmpty()) {
            return;
        }
        var definitions = schema.get().path("definitions");
        var wanted = new ArrayList<>(models);
        input.ifPresent(wanted::add);
        for (var model : wanted) {
            if (!definitions.has(model)) {
                throw Failure.plain(
                        400,
                        "deploy_missing_json_schema_model",
                        "The " + kind.wire() + " " + name + " names the model " + model
                                + ", which its models_json_schema does not define");
            }
        }
    }

    private static Optional<List<Draft>> onEvents(Fields body) {
        var older = body.optionalArray("postConnectionScriptsByProvider");
        var newer = body.optionalArray("onEventScriptsByProvider");
        if (older.isEmpty() && newer.isEmpty()) {
            return Optional.empty();
        }
        var drafts = new ArrayList<Draft>();
        older.ifPresent(list -> onEvents(body, "postConnectionScriptsByProvider", list, drafts));
        newer.ifPresent(list -> onEvents(body, "onEventScriptsByProvider", list, drafts));
        return Optional.of(drafts);
    }

    private static void onEvents(Fields body, String field, ArrayNode list, List<Draft> drafts) {
        for (int i = 0; i < list.size(); i++) {
            var group = body.item(field, i, list.get(i));
            var integration = group.text("providerConfigKey", Text.INTEGRATION_ID);
            var scripts = group.array("scripts");
            for (int j = 0; j < scripts.size(); j++) {
                drafts.add(onEvent(group.item("scripts", j, scripts.get(j)), integration, field));
            }
            group.close();
        }
    }

    private static Draft onEvent(Fields script, String integration, String field) {
        var name = script.text("name", Text.SHORT);
        var file = script.object("fileBody");
        var js = file.text("js", Text.ANY);
        var ts = file.text("ts", Text.ANY);
        file.close();
        var event = field.startsWith("post") ? EVENTS.getFirst() : script.choice("event", EVENTS);
        script.close();
        return new Draft(
                new Function.Key(integration, Kind.ON_EVENT, name, event),
                Optional.empty(),
                js,
                ts,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                false,
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Json.array(),
                List.of(),
                Optional.empty(),
                List.of(),
                Optional.empty());
    }
}
