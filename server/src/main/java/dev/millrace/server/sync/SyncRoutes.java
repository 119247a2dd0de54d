package dev.millrace.server.sync;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.function.Frequency;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Endpoints for commands to syncs, their frequencies and their status. */
public final class SyncRoutes {
    private static final List<String> MODES = List.of("incremental", "full_refresh", "full_refresh_and_clear_cache");
    private static final int MOST_NAMES = 256;

    private final SyncCommands commands;
    private final SyncStatus status;
    private final Connections connections;

    public SyncRoutes(SyncCommands commands, SyncStatus status, Connections connections) {
        this.connections = connections;
        this.commands = commands;
        this.status = status;
    }

    public List<Route> routes() {
        return List.of(
                Route.post("/sync/trigger", this::trigger, "environment:syncs:execute"),
                Route.post("/sync/start", request -> command(request, commands::start), "environment:syncs:execute"),
                Route.post("/sync/pause", request -> command(request, commands::pause), "environment:syncs:execute"),
                Route.put("/sync/update-connection-frequency", this::frequency, "environment:syncs:update"),
                Route.get("/sync/status", this::status, "environment:syncs:read"));
    }

    private Response trigger(Request request) {
        request.noQuery();
        var body = request.bodyFields();
        var names = SyncName.read(body, "syncs");
        var key = body.optionalText("provider_config_key", Text.INTEGRATION_ID)
                .or(() -> request.header("Provider-Config-Key"));
        var connection =
                body.optionalText("connection_id", Text.CONNECTION_ID).or(() -> request.header("Connection-Id"));
        var options = options(body);
        var mode = body.optionalChoice("sync_mode", MODES);
        var full = body.has("full_resync")
                ? Optional.of(body.optionalFlag("full_resync", false))
                : Optional.<Boolean>empty();
        body.any("full_resync");
        body.end();
        if (options.isPresent() && (mode.isPresent() || full.isPresent())) {
            throw Failure.refusedBody("Cannot use opts with deprecated sync_mode/full_resync parameters");
        }
        var integration = key.orElseThrow(() -> new Failure.Typed(
                400,
                "missing_provider_config_key",
                "Name the integration: provider_config_key in the body, or the header Provider-Config-Key."));
        commands.trigger(
                request.environment(),
                integration,
                connection,
                names,
                options.orElseGet(() -> older(mode, full.orElse(false))));
        return Response.success();
    }

    private static Optional<SyncCommands.Options> options(Fields body) {
        if (!body.has("opts")) {
            body.any("opts");
            return Optional.empty();
        }
        var opts = body.object("opts");
        var options = new SyncCommands.Options(
                opts.optionalFlag("reset", false),
                opts.optionalFlag("emptyCache", false),
                opts.optionalFlag("confirmDeletes", false));
        opts.close();
        return Optional.of(options);
    }

    private static SyncCommands.Options older(Optional<String> mode, boolean full) {
        var clear = mode.filter("full_refresh_and_clear_cache"::equals).isPresent();
        return new SyncCommands.Options(
                clear || full || mode.filter("full_refresh"::equals).isPresent(), clear, false);
    }

    private interface Command {
        void run(long environment, String integration, Optional<String> connection, List<SyncName> names);
    }

    private static Response command(Request request, Command command) {
        var body = request.bodyFields();
        var names = SyncName.read(body, "syncs");
        if (names.size() > MOST_NAMES) {
            body.issue("too_big", "Too big: expected array to have <=256 items", "syncs");
        }
        var integration = body.text("provider_config_key", Text.INTEGRATION_ID);
        var connection = body.optionalText("connection_id", Text.CONNECTION_ID);
        body.end();
        command.run(request.environment(), integration, connection, names);
        return Response.success();
    }

    private Response frequency(Request request) {
        request.noQuery();
        var body = request.bodyFields();
        var name = body.text("sync_name", Text.NAME);
        var variant = body.optionalText("sync_variant", Text.NAME).orElse(SyncName.BASE);
        var integration = body.text("provider_config_key", Text.INTEGRATION_ID);
        var connectionId = body.text("connection_id", Text.CONNECTION_ID);
        boolean back = body.any("frequency").filter(JsonNode::isNull).isPresent();
        var given = back ? Optional.<String>empty() : Optional.of(body.text("frequency", Text.ANY));
        var frequency = given.flatMap(Frequency::parse);
        if (given.isPresent() && frequency.isEmpty() && body.sound()) {
            body.issue("invalid_format", "Invalid frequency: write for example \"every 2 hours\"", "frequency");
        }
        body.end();
        if (frequency
                .filter(f -> f.interval().compareTo(Frequency.SHORTEST) < 0)
                .isPresent()) {
            throw Failure.refusedBody("Sync interval is invalid");
        }
        var connection = connections
                .find(request.environment(), integration, connectionId)
                .orElseThrow(() -> new Failure.Plain(400, "unknown_connection", null));
        var text = commands.setFrequency(connection, new SyncName(name, variant), given, frequency);
        return Response.ok(Json.object().put("frequency", text));
    }

    private Response status(Request request) {
        var query = request.query();
        var names = query.text("syncs", Text.ANY);
        var integration = query.text("provider_config_key", Text.INTEGRATION_ID);
        var connection = query.optionalText("connection_id", Text.CONNECTION_ID);
        query.end();
        var body = Json.object();
        body.set("syncs", status.of(request.environment(), integration, connection, names(names)));
        return Response.ok(body);
    }

    private static List<SyncName> names(String list) {
        if (list.strip().equals("*")) {
            return List.of();
        }
        var names = new ArrayList<SyncName>();
        Arrays.stream(list.split(",", -1)).map(String::strip).map(SyncName::of).forEach(names::add);
        return names;
    }
}
