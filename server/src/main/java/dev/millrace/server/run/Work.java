package dev.millrace.server.run;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.function.BundleFunction;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Kind;
import dev.millrace.server.function.ScriptType;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Times;
import dev.millrace.server.log.Operation;
import dev.millrace.server.schedule.Schedule;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * A function and what it is executed on.
 *
 * @param environmentName shown to functions
 * @param input JSON text
 * @param sync the sync of the run
 * @param claim of the task that it belongs to; a later claim of the task takes the run over
 */
public record Work(
        Function function,
        Connection connection,
        String environmentName,
        Optional<String> input,
        Optional<Sync> sync,
        Optional<Schedule.Claim> claim) {

    /** Work that belongs to no task: it ends with its process. */
    public Work(
            Function function,
            Connection connection,
            String environmentName,
            Optional<String> input,
            Optional<Sync> sync) {
        this(function, connection, environmentName, input, sync, Optional.empty());
    }

    public Work of(Schedule.Claim newClaim) {
        return new Work(function, connection, environmentName, input, sync, Optional.of(newClaim));
    }

    /**
     * @param lastSyncDate start of the last successful run
     * @param fromStart whether it forgets what earlier runs left open
     * @param emptyCache whether the records of its models go first
     * @param confirmDeletes whether it may delete more than the delete guard lets pass
     * @param metadataVersion of the connection's metadata, as far as the sync was judged by it; empty: the newest
     * @param webhook when the run is for a provider's event and not by the schedule
     * @param unwanted whether the sync does not want the run any more
     */
    public record Sync(
            UUID id,
            String variant,
            Optional<Instant> lastSyncDate,
            boolean fromStart,
            boolean emptyCache,
            boolean confirmDeletes,
            OptionalLong metadataVersion,
            Optional<Webhook> webhook,
            Unwanted unwanted) {}

    /**
     * A provider's event for which {@code onWebhook} is executed.
     *
     * @param last whether no further attempt follows when the run is lost
     * @param muted whether the application is not told of the end
     */
    public record Webhook(boolean last, boolean muted) {}

    /** Looks at a sync where a run begins, in that transaction. */
    @FunctionalInterface
    public interface Unwanted {
        /**
         * Whether it was deleted or reset. Until the transaction ends it locks out who does so: they see the run and cancel
         * it, or it sees what they did.
         */
        boolean in(Handle handle);
    }

    /** As what the function is executed. */
    public ScriptType type() {
        return webhook().isPresent() ? ScriptType.WEBHOOK : ScriptType.of(function.kind());
    }

    Optional<Webhook> webhook() {
        return sync.flatMap(Sync::webhook);
    }

    String variant() {
        return sync.map(Sync::variant).orElse("base");
    }

    /** The model's name in the records cache. */
    String fullModel(String model) {
        return variant().equals("base") ? model : model + "::" + variant();
    }

    /** Whether its code may call the deprecated {@code deleteRecordsFromPreviousExecutions}. */
    boolean usesDeletePrevious(String code) {
        return (function.trackDeletes() && type() == ScriptType.SYNC)
                || code.contains("deleteRecordsFromPreviousExecutions");
    }

    /** What a bundle function may use; empty: all that the type of the function offers. */
    Optional<BundleFunction.Capabilities> capabilities() {
        return function.kind() == Kind.FUNCTION
                ? Optional.of(BundleFunction.of(function).capabilities())
                : Optional.empty();
    }

    /** The key of this work's checkpoint. */
    String checkpointKey() {
        return switch (type()) {
            case SYNC -> "sync:" + function.name() + ":" + variant();
            case WEBHOOK -> "webhook:" + function.name() + ":base";
            case ACTION -> "action:" + function.name();
            case ON_EVENT -> "on-event:" + function.name();
            case FUNCTION -> "function:" + function.name() + ":" + variant();
        };
    }

    /** The operation of its log. */
    Operation operation(UUID id, Instant started) {
        return new Operation(
                id,
                connection.environmentId(),
                type().wire(),
                connection.integration(),
                connection.connectionId(),
                Optional.of(function.name()),
                sync.map(Sync::variant),
                started);
    }

    /** The readable properties of {@code nango}. */
    public ObjectNode properties(UUID operation, long job) {
        var node = Json.object()
                .put("connectionId", connection.connectionId())
                .put("providerConfigKey", connection.integration())
                .put("provider", connection.provider())
                .put("environmentId", connection.environmentId())
                .put("environmentName", environmentName)
                .put("accountId", 1)
                .put("nangoConnectionId", connection.id())
                .put("activityLogId", operation.toString())
                .put("scriptType", type().wire())
                .put("isCLI", false);
        node.putObject("runnerFlags");
        node.putObject("attributes");
        node.set("syncConfig", definition());
        sync.ifPresent(s -> {
            node.put("syncId", s.id().toString())
                    .put("syncJobId", job)
                    .put("variant", s.variant())
                    .put("track_deletes", function.trackDeletes())
                    .put("emptyCache", s.emptyCache());
            s.lastSyncDate().ifPresent(date -> node.put("lastSyncDate", Times.utc(date)));
        });
        return node;
    }

    private ObjectNode definition() {
        var node = Json.object()
                .put("id", function.id())
                .put("sync_name", function.name())
                .put("type", function.kind().wire())
                .put("version", function.version())
                .put("runs", function.runs().orElse(null))
                .put("auto_start", function.autoStart())
                .put("enabled", function.enabled())
                .put("track_deletes", function.trackDeletes());
        function.models().forEach(node.putArray("models")::add);
        return node;
    }
}
