package dev.millrace.server.sync;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integrations;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the syncs that a command names. Thread-safe. */
final class SyncFinder {
    private final SyncStore store;
    private final Connections connections;
    private final Integrations integrations;

    SyncFinder(SyncStore store, Connections connections, Integrations integrations) {
        this.store = store;
        this.connections = connections;
        this.integrations = integrations;
    }

    /** The syncs of a command. If one is missing, the command has no effect. */
    List<Sync> find(long environment, String integration, Optional<String> connectionId, List<SyncName> names) {
        var known = integrations
                .find(environment, integration)
                .orElseThrow(() -> new Failure.Typed(
                        400,
                        "unknown_provider_config",
                        "There is no integration with the id " + integration + " in this environment."));
        if (connectionId.isEmpty()) {
            var all = store.ofIntegration(known.id());
            var found = all.stream()
                    .filter(s -> names.isEmpty() || names.contains(s.identity().name()))
                    .toList();
            if (found.isEmpty()) {
                throw noSyncs();
            }
            return found;
        }
        var connection = connections
                .find(environment, integration, connectionId.get())
                .orElseThrow(() -> unknownConnection(integration, connectionId.get()));
        return named(store.ofConnection(connection.id()), names);
    }

    private static List<Sync> named(List<Sync> all, List<SyncName> names) {
        if (names.isEmpty()) {
            return all;
        }
        var found = new ArrayList<Sync>();
        for (var name : names) {
            found.add(
                    all.stream().filter(sync -> sync.isNamed(name)).findFirst().orElseThrow(SyncFinder::noSyncs));
        }
        return found;
    }

    private static Failure noSyncs() {
        return new Failure.Typed(400, "no_syncs_found", "No syncs found given the inputs.");
    }

    private static Failure unknownConnection(String integration, String connectionId) {
        return new Failure.Typed(
                404,
                "unknown_connection",
                "No connection matches the connection ID '" + connectionId + "' and the integration '" + integration
                        + "'.",
                Json.object().put("connectionId", connectionId).put("providerConfigKey", integration));
    }
}
