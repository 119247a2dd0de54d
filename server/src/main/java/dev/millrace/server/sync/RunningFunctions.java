package dev.millrace.server.sync;

import dev.millrace.server.action.Actions;
import dev.millrace.server.function.js.FunctionHost.SyncRef;
import dev.millrace.server.function.js.FunctionHost.SyncStart;
import dev.millrace.server.function.js.FunctionHost.SyncTrigger;
import dev.millrace.server.run.ActionCall;
import dev.millrace.server.run.FunctionCalls;
import java.util.List;

/** The actions and syncs that running functions may start in their environment. Thread-safe. */
public final class RunningFunctions implements FunctionCalls {
    private final Actions actions;
    private final SyncCommands commands;

    public RunningFunctions(Actions actions, SyncCommands commands) {
        this.actions = actions;
        this.commands = commands;
    }

    @Override
    public byte[] triggerAction(ActionCall call) throws InterruptedException {
        return actions.trigger(call);
    }

    @Override
    public void triggerSync(long environment, SyncTrigger trigger) {
        var options = trigger.options();
        commands.trigger(
                environment,
                trigger.providerConfigKey(),
                trigger.connectionId(),
                List.of(name(trigger.sync())),
                new SyncCommands.Options(options.reset(), options.emptyCache(), options.confirmDeletes()));
    }

    @Override
    public void startSyncs(long environment, SyncStart start) {
        var names = start.syncs().stream().map(RunningFunctions::name).toList();
        commands.start(environment, start.providerConfigKey(), start.connectionId(), names);
    }

    private static SyncName name(SyncRef sync) {
        return sync.variant()
                .map(variant -> new SyncName(sync.name(), variant))
                .orElseGet(() -> SyncName.of(sync.name()));
    }
}
