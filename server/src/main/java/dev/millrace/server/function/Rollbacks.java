package dev.millrace.server.function;

import dev.millrace.server.db.Database;
import dev.millrace.server.http.Failure;
import dev.millrace.server.integration.Integration;
import java.util.List;
import java.util.Optional;

/** Shows stored versions, activates earlier ones, and deactivates functions. Thread-safe. */
public final class Rollbacks {
    private final Database db;
    private final DeployLock lock;
    private final Versions versions;
    private final DeployHooks hooks;

    Rollbacks(Database db, DeployLock lock, Versions versions, DeployHooks hooks) {
        this.db = db;
        this.lock = lock;
        this.versions = versions;
        this.hooks = hooks;
    }

    /**
     * All stored versions with a name: by kind and event, the active one first, then by the time of their last
     * activation.
     */
    public List<Version> versions(Integration integration, String name, Optional<Kind> kind) {
        var kept = db.withHandle(handle -> versions.list(handle, integration.id(), name, kind));
        if (kept.isEmpty()) {
            throw Refusals.unknownFunction();
        }
        return kept;
    }

    /**
     * Activates a stored version, with the same effects on syncs as a deploy. The active version stays active.
     *
     * @param wanted its id; empty: the previously active version
     * @param by name of the API key, or who else did it
     */
    public Version rollback(
            Integration integration, String name, Optional<Kind> kind, Optional<Long> wanted, String by) {
        var restored = lock.take(integration.environmentId(), handle -> {
            var kept = versions.list(handle, integration.id(), name, kind);
            var target = wanted.isPresent() ? byId(kept, name, wanted.get()) : previous(kept, name);
            if (target.active()) {
                return List.of(target.function());
            }
            var before = kept.stream()
                    .filter(v -> v.active()
                            && v.function().key().equals(target.function().key()))
                    .map(Version::function)
                    .findFirst();
            var function = versions.restore(handle, target.function(), before, by);
            hooks.check(function);
            hooks.changed(handle, List.of(function), List.of());
            return List.of(function);
        });
        long id = restored.getFirst().id();
        return byId(versions(integration, name, kind), name, id);
    }

    static Version byId(List<Version> kept, String name, long id) {
        return kept.stream()
                .filter(v -> v.function().id() == id)
                .findFirst()
                .orElseThrow(() -> Failure.plain(
                        404,
                        "not_found",
                        "No version " + id + " of " + name + " is kept. GET …/functions/" + name
                                + "/versions lists those that are."));
    }

    private static Version previous(List<Version> kept, String name) {
        if (kept.isEmpty()) {
            throw Refusals.unknownFunction();
        }
        Refusals.ambiguous(kept.stream().map(Version::function).toList());
        return kept.stream()
                .filter(v -> !v.active())
                .findFirst()
                .orElseThrow(() -> Failure.plain(404, "not_found", "No earlier version of " + name + " is kept."));
    }

    /** Deactivates a function and deletes its syncs; its versions are kept. */
    void remove(Function function) {
        lock.take(function.environmentId(), handle -> {
            versions.retire(handle, function);
            hooks.changed(handle, List.of(), List.of(function));
            return List.of();
        });
    }
}
