package dev.millrace.server.sync;

import dev.millrace.server.run.ActionCall;
import dev.millrace.server.run.Actions;
import dev.millrace.server.run.FunctionCalls;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What running functions may start: other actions and syncs of their environment. Thread-safe. */
public final class RunningFunctions implements FunctionCalls {
    private final Actions actions;
    private final Syncs syncs;

    public RunningFunctions(Actions actions, Syncs syncs) {
        this.actions = actions;
        this.syncs = syncs;
    }

    @Override
    public byte[] triggerAction(ActionCall call) throws InterruptedException {
        return actions.trigger(call);
    }

    @Override
    public void triggerSync(
            long environment, String integration, Optional<String> connectionId, JsonNode sync, JsonNode options) {
        syncs.commands().trigger(environment, integration, connectionId, List.of(SyncName.of(sync)), options(options));
    }

    /** The object, or one of the older words and booleans (functions §7.2). */
    private static SyncCommands.Options options(JsonNode options) {
        if (options.isBoolean()) {
            return new SyncCommands.Options(options.booleanValue(), false, false);
        }
        return switch (options.asString("")) {
            case "full_refresh" -> new SyncCommands.Options(true, false, false);
            case "full_refresh_and_clear_cache" -> new SyncCommands.Options(true, true, false);
            default ->
                new SyncCommands.Options(
                        options.path("reset").asBoolean(false),
                        options.path("emptyCache").asBoolean(false),
                        options.path("confirmDeletes").asBoolean(false));
        };
    }

    @Override
    public void startSyncs(long environment, String integration, Optional<String> connectionId, JsonNode names) {
        syncs.commands()
                .start(
                        environment,
                        integration,
                        connectionId,
                        names.valueStream().map(SyncName::of).toList());
    }
}
