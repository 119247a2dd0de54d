package dev.millrace.server.sync;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Kind;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import dev.millrace.server.run.RunHistory;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schema.MetadataSchemas;
import dev.millrace.server.schema.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The response of {@code GET /sync/status}. Thread-safe. */
public final class SyncStatus {
    private final Database db;
    private final Syncs syncs;
    private final Runs runs;
    private final Records records;
    private final Connections connections;
    private final Integrations integrations;
    private final Functions functions;
    private final MetadataSchemas schemas;

    public SyncStatus(
            Database db,
            Syncs syncs,
            Runs runs,
            Records records,
            Connections connections,
            Integrations integrations,
            Functions functions,
            MetadataSchemas schemas) {
        this.db = db;
        this.syncs = syncs;
        this.runs = runs;
        this.records = records;
        this.connections = connections;
        this.integrations = integrations;
        this.functions = functions;
        this.schemas = schemas;
    }

    /**
     * The syncs of a connection, or of all connections of an integration, as the API shows them.
     *
     * @param names empty: all, by name, then variant
     */
    public ArrayNode of(long environment, String integrationKey, Optional<String> connectionId, List<SyncName> names) {
        var answer = Json.array();
        var integration = integrations.find(environment, integrationKey).orElse(null);
        if (integration == null) {
            if (connectionId.isPresent()) {
                throw Failure.refusedBody("Connection not found");
            }
            return answer;
        }
        var byName = new HashMap<String, Function>();
        functions.ofIntegration(integration.id()).stream()
                .filter(f -> f.kind() == Kind.SYNC)
                .forEach(f -> byName.put(f.name(), f));
        var connection = connectionId.map(id -> connections
                .find(environment, integrationKey, id)
                .orElseThrow(() -> Failure.refusedBody("Connection not found")));
        // Status and next time must come from one snapshot, even if a run ends in between.
        var found = db.inSnapshot(handle -> {
            var all = connection
                    .map(c -> syncs.ofConnection(handle, c))
                    .orElseGet(() -> syncs.ofIntegration(handle, integration.id()));
            return new Found(
                    all, runs.history().last(handle, all.stream().map(Sync::id).toList()));
        });
        var publicIds = new HashMap<Long, Optional<Connection>>();
        for (var sync : ordered(found.syncs(), names)) {
            publicIds
                    .computeIfAbsent(sync.connectionId(), connections::find)
                    .ifPresent(c -> answer.add(
                            show(sync, Optional.ofNullable(found.last().get(sync.id())), c, byName)));
        }
        return answer;
    }

    private record Found(List<Sync> syncs, Map<UUID, RunHistory.Last> last) {}

    private static List<Sync> ordered(List<Sync> found, List<SyncName> names) {
        if (names.isEmpty()) {
            return found;
        }
        var ordered = new ArrayList<Sync>();
        for (var name : names) {
            found.stream().filter(s -> s.isNamed(name)).forEach(ordered::add);
        }
        return ordered;
    }

    private ObjectNode show(
            Sync sync, Optional<RunHistory.Last> last, Connection connection, Map<String, Function> functions) {
        var function = Optional.ofNullable(functions.get(sync.name()));
        boolean running = last.filter(r -> r.status().equals("RUNNING")).isPresent();
        var node = Json.object()
                .put("id", sync.id().toString())
                .put("connection_id", connection.connectionId())
                .put("type", last.filter(r -> r.type().equals("INCREMENTAL")).isPresent() ? "INCREMENTAL" : "INITIAL");
        last.filter(_ -> !running).ifPresent(r -> node.put("finishedAt", Times.utc(r.updatedAt())));
        node.put("nextScheduledSyncAt", sync.nextRunAt().map(Times::utc).orElse(null))
                .put("name", sync.name())
                .put("variant", sync.variant())
                .put("status", status(sync, last))
                .put(
                        "frequency",
                        sync.frequency()
                                .or(() -> function.flatMap(Function::runs))
                                .orElse(null));
        last.ifPresent(r -> {
            node.set("latestResult", Json.parse(r.result()));
            node.put("latestExecutionStatus", r.status());
        });
        var counts = node.putObject("recordCount");
        function.map(Function::models)
                .orElse(List.of())
                .forEach(model ->
                        counts.put(model, records.live(Dataset.of(sync.connectionId(), model, sync.variant()))));
        node.set(
                "checkpoint",
                runs.checkpoints()
                        .value(sync.connectionId(), sync.checkpointKey())
                        .map(Json::parse)
                        .orElseGet(() -> node.nullNode()));
        function.filter(schemas::startsWhenConfigured)
                .ifPresent(f -> node.set("configuration", configuration(f, connection)));
        if (metadataChanged(sync)) {
            node.put("metadataChangedDuringRun", true);
        }
        return node;
    }

    private ObjectNode configuration(Function function, Connection connection) {
        var metadata = Json.parse(connection.metadata().orElse("null"));
        var problems = schemas.problems(function, metadata);
        var node = Json.object().put("startWhenConfigured", true).put("complete", problems.isEmpty());
        node.set("problems", Problem.json(problems));
        return node;
    }

    /** Shown until the next run has ended. */
    private boolean metadataChanged(Sync sync) {
        var left = runs.history().left(sync.id());
        return left.stream()
                        .findFirst()
                        .filter(RunHistory.Left::metadataChanged)
                        .isPresent()
                || (left.size() == 2
                        && left.getFirst().running()
                        && left.getLast().metadataChanged());
    }

    private static String status(Sync sync, Optional<RunHistory.Last> last) {
        var status = last.map(RunHistory.Last::status).orElse("SUCCESS");
        if (status.equals("RUNNING")) {
            return "RUNNING";
        }
        return switch (sync.state()) {
            case PAUSED -> "PAUSED";
            case DELETED -> "STOPPED";
            case STARTED -> status.equals("STOPPED") ? "ERROR" : status;
        };
    }
}
