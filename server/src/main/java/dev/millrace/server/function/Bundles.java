package dev.millrace.server.function;

import static java.util.Objects.requireNonNull;

import dev.millrace.server.db.Database;
import dev.millrace.server.function.BundleInput.Bundle;
import dev.millrace.server.function.Deploys.Change;
import dev.millrace.server.http.Failure;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;

/** Plans and executes deployments of bundles. A deployment is stored completely or not at all. Thread-safe. */
public final class Bundles {
    private static final String SOURCE = "repo";

    private final Database db;
    private final DeployLock lock;
    private final Functions functions;
    private final Versions versions;
    private final Integrations integrations;
    private final CodeScan scan;
    private final DeployHooks hooks;

    Bundles(
            Database db,
            DeployLock lock,
            Functions functions,
            Versions versions,
            Integrations integrations,
            CodeScan scan,
            DeployHooks hooks) {
        this.db = db;
        this.lock = lock;
        this.functions = functions;
        this.versions = versions;
        this.integrations = integrations;
        this.scan = scan;
        this.hooks = hooks;
    }

    /** The effect of a deployment; every function in its scope is in one of the lists. */
    record Plan(List<Change> created, List<Change> updated, List<Draft> unchanged, List<Function> deleted) {}

    Plan plan(long environment, Bundle bundle) {
        known(environment, bundle);
        return db.withHandle(handle -> plan(handle, environment, bundle));
    }

    private Plan plan(Handle handle, long environment, Bundle bundle) {
        var stored = new LinkedHashMap<Function.Key, Function>();
        functions.bundles(handle, environment).stream()
                .filter(f -> bundle.integration().isEmpty()
                        || bundle.integration().get().equals(f.integration()))
                .forEach(f -> stored.put(f.key(), f));
        var plan = new Plan(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (var draft : bundle.functions()) {
            var before = Optional.ofNullable(stored.remove(draft.key()));
            if (before.isEmpty()) {
                plan.created().add(new Change(draft, before));
            } else if (draft.isStoredAs(before.get())) {
                plan.unchanged().add(draft);
            } else {
                plan.updated().add(new Change(draft, before));
            }
        }
        plan.deleted().addAll(stored.values());
        return plan;
    }

    /**
     * Executes the deployment.
     *
     * @param by name of the API key
     * @throws Failure 409 when another one of the environment is running
     */
    Plan deploy(long environment, Bundle bundle, String by) throws InterruptedException {
        var known = known(environment, bundle);
        scan.check(bundle.functions());
        var carriedOut = new AtomicReference<Plan>();
        lock.only(environment, handle -> {
            var plan = plan(handle, environment, bundle);
            var stored = new ArrayList<Function>();
            plan.created().forEach(change -> stored.add(store(handle, environment, known, change, by)));
            plan.updated().forEach(change -> stored.add(store(handle, environment, known, change, by)));
            stored.forEach(hooks::check);
            plan.deleted().forEach(function -> versions.retire(handle, function));
            hooks.changed(handle, stored, plan.deleted());
            carriedOut.set(plan);
            return stored;
        });
        return requireNonNull(carriedOut.get());
    }

    private Function store(Handle handle, long environment, Map<String, Integration> known, Change change, String by) {
        var integration = requireNonNull(known.get(change.draft().key().integration()));
        var origin = new Versions.Origin(Optional.empty(), SOURCE, by);
        return versions.deploy(
                handle,
                environment,
                integration.id(),
                change.draft(),
                change.before(),
                Deploys.version(change),
                origin);
    }

    /** The environment's integrations; refuses a deployment that names others. */
    private Map<String, Integration> known(long environment, Bundle bundle) {
        var known = new HashMap<String, Integration>();
        integrations.list(environment).forEach(i -> known.put(i.uniqueKey(), i));
        var missing = new TreeSet<String>();
        bundle.integration().ifPresent(missing::add);
        bundle.functions().forEach(draft -> missing.add(draft.key().integration()));
        missing.removeAll(known.keySet());
        if (!missing.isEmpty()) {
            throw Failure.plain(
                    400, "integration_not_found", "Integration(s) not found: " + String.join(", ", missing));
        }
        return known;
    }
}
