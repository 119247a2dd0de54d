package dev.millrace.server.sync;

import dev.millrace.server.action.ScheduledFunctions;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.function.DeployHooks;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Kind;
import dev.millrace.server.http.Failure;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.record.ModelRules;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The effects of deploys on syncs and on the schedules of bundle functions. Thread-safe. */
public final class DeployEffects implements DeployHooks {
    private final DeployedSyncs deployed;
    private final ScheduledFunctions scheduled;
    private final Syncs syncs;
    private final Connections connections;
    private final Integrations integrations;

    public DeployEffects(
            DeployedSyncs deployed,
            ScheduledFunctions scheduled,
            Syncs syncs,
            Connections connections,
            Integrations integrations) {
        this.deployed = deployed;
        this.scheduled = scheduled;
        this.syncs = syncs;
        this.connections = connections;
        this.integrations = integrations;
    }

    @Override
    public void check(Function function) {
        for (var model : function.kind() == Kind.SYNC ? function.models() : List.<String>of()) {
            try {
                ModelRules.of(function.schemaOf(model));
            } catch (IllegalArgumentException e) {
                throw Failure.plain(
                        400,
                        "deploy_invalid_model",
                        "The model " + model + " of the sync " + function.name() + " cannot be used: "
                                + e.getMessage());
            }
        }
    }

    @Override
    public void changed(Handle handle, List<Function> inService, List<Function> removed) {
        deployed.changed(handle, inService, removed);
        scheduled.deployed(handle, inService);
    }

    @Override
    public void committed() {
        deployed.committed();
    }

    @Override
    public Counts counts(long environment) {
        Map<String, Integer> all = new HashMap<>();
        Map<Function.Key, Integer> syncing = new HashMap<>();
        for (var integration : integrations.list(environment)) {
            all.put(
                    integration.uniqueKey(),
                    connections.ofIntegration(integration.id()).size());
            for (var sync : syncs.ofIntegration(integration.id())) {
                if (sync.variant().equals(SyncName.BASE)) {
                    syncing.merge(
                            new Function.Key(integration.uniqueKey(), Kind.SYNC, sync.name(), ""), 1, Integer::sum);
                }
            }
        }
        return new Counts(all, syncing);
    }
}
