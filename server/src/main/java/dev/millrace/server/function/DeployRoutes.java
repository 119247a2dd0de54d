package dev.millrace.server.function;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The endpoint {@code /sync/deploy} and its preview. */
public final class DeployRoutes {
    private static final Pattern CLI = Pattern.compile("nango-cli/(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})");
    private static final int[] OLDEST_CLI = {0, 39, 25};

    private final Deploys deploys;

    public DeployRoutes(Deploys deploys) {
        this.deploys = deploys;
    }

    public List<Route> routes() {
        return List.of(
                Route.post("/sync/deploy", this::deploy, "environment:deploy"),
                Route.post("/sync/deploy/confirmation", this::preview, "environment:deploy"),
                Route.post(
                        "/sync/deploy/internal",
                        _ -> {
                            throw Failure.plain(
                                    403, "forbidden", "Nobody may deploy for another account. Use POST /sync/deploy.");
                        },
                        "environment:deploy"));
    }

    private Response deploy(Request request) throws InterruptedException {
        checkCli(request);
        request.noQuery();
        var deploy = DeployInput.read(request.bodyFields(), false);
        var answer = Json.array();
        for (var function :
                deploys.deploy(request.environment(), deploy, request.caller().key())) {
            var item = answer.addObject()
                    .put("name", function.name())
                    .put("version", function.version())
                    .put("providerConfigKey", function.integration())
                    .put("type", function.kind().wire());
            function.models().forEach(item.putArray("models")::add);
        }
        return Response.ok(answer);
    }

    private static void checkCli(Request request) {
        var agent = CLI.matcher(request.header("User-Agent").orElse(""));
        if (!agent.find()) {
            return;
        }
        for (int i = 0; i < OLDEST_CLI.length; i++) {
            int part = Integer.parseInt(agent.group(i + 1));
            if (part > OLDEST_CLI[i]) {
                return;
            }
            if (part < OLDEST_CLI[i]) {
                throw Failure.plain(
                        400,
                        "invalid_cli_version",
                        "This endpoint requires a CLI version >= 0.39.25 (current: " + agent.group() + ")");
            }
        }
    }

    private Response preview(Request request) {
        checkCli(request);
        request.noQuery();
        var deploy = DeployInput.read(request.bodyFields(), true);
        var plan = deploys.plan(request.environment(), deploy);
        var counts = deploys.hooks().counts(request.environment());
        var answer = Json.object();
        for (var list : List.of("newSyncs", "updatedSyncs", "deletedSyncs", "newActions", "updatedActions")) {
            answer.putArray(list);
        }
        for (var list : List.of("deletedActions", "deletedModels")) {
            answer.putArray(list);
        }
        for (var list : List.of("newOnEventScripts", "updatedOnEventScripts", "deletedOnEventScripts")) {
            answer.putArray(list);
        }
        plan.flows().forEach(change -> flow(answer, change, counts));
        plan.onEvents().forEach(change -> {
            var list = change.before().isPresent() ? "updatedOnEventScripts" : "newOnEventScripts";
            onEvent((ArrayNode) answer.get(list), change.draft().key());
        });
        plan.removed().forEach(function -> removed(answer, function, counts));
        return Response.ok(answer);
    }

    private static void flow(ObjectNode answer, Deploys.Change change, DeployHooks.Counts counts) {
        var key = change.draft().key();
        if (key.kind() == Kind.ACTION) {
            action((ArrayNode) answer.get(change.before().isPresent() ? "updatedActions" : "newActions"), key);
            return;
        }
        int all = counts.connections().getOrDefault(key.integration(), 0);
        int syncing = counts.syncing().getOrDefault(key, 0);
        boolean isNew = change.before().isEmpty() || (syncing == 0 && all > 0);
        var list = (ArrayNode) answer.get(isNew ? "newSyncs" : "updatedSyncs");
        sync(list, key, isNew ? all : syncing, change.draft().autoStart());
        if (syncing > 0) {
            var dropped = new ArrayList<>(change.before().map(Function::models).orElse(List.of()));
            dropped.removeAll(change.draft().models());
            dropped.forEach(((ArrayNode) answer.get("deletedModels"))::add);
        }
    }

    private static void removed(ObjectNode answer, Function function, DeployHooks.Counts counts) {
        switch (function.kind()) {
            case SYNC ->
                sync(
                        (ArrayNode) answer.get("deletedSyncs"),
                        function.key(),
                        counts.syncing().getOrDefault(function.key(), 0),
                        function.autoStart());
            case ACTION -> action((ArrayNode) answer.get("deletedActions"), function.key());
            case ON_EVENT -> onEvent((ArrayNode) answer.get("deletedOnEventScripts"), function.key());
            case FUNCTION -> {}
        }
    }

    private static void sync(ArrayNode list, Function.Key key, int connections, boolean autoStart) {
        list.addObject()
                .put("name", key.name())
                .put("providerConfigKey", key.integration())
                .put("connections", connections)
                .put("auto_start", autoStart);
    }

    private static void action(ArrayNode list, Function.Key key) {
        list.addObject().put("name", key.name()).put("providerConfigKey", key.integration());
    }

    private static void onEvent(ArrayNode list, Function.Key key) {
        list.addObject()
                .put("providerConfigKey", key.integration())
                .put("name", key.name())
                .put("event", key.event());
    }
}
