package dev.millrace.server.function;

import static java.util.Objects.requireNonNull;

import dev.millrace.server.db.Database;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.function.DeployInput.Deploy;
import dev.millrace.server.function.DeployInput.Mode;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;

/** Plans and executes deploys. A deploy is stored completely or not at all. Thread-safe. */
public final class Deploys {
    private final Database db;
    private final DeployLock lock;
    private final Functions functions;
    private final Versions versions;
    private final Integrations integrations;
    private final CodeScan scan;
    private final DeployHooks hooks;

    /** @param hooks called with the outcome of deploys */
    public Deploys(
            Database db,
            EnvironmentSettings settings,
            Functions functions,
            Integrations integrations,
            CodeScan.Scanner scanner,
            DeployHooks hooks) {
        var code = new CodeStore(db);
        this.db = db;
        this.functions = functions;
        this.versions = new Versions(functions, code);
        this.lock = new DeployLock(db, settings, versions, code, hooks);
        this.integrations = integrations;
        this.scan = new CodeScan(scanner);
        this.hooks = hooks;
    }

    DeployHooks hooks() {
        return hooks;
    }

    /** Deployments of bundles, which exclude other deploys while they run. */
    public Bundles bundles() {
        return new Bundles(db, lock, functions, versions, integrations, scan, hooks);
    }

    public Rollbacks rollbacks() {
        return new Rollbacks(db, lock, versions, hooks);
    }

    /** A function of a deploy, with the version that it replaces. */
    record Change(Draft draft, Optional<Function> before) {}

    /** The effect of a deploy. */
    record Plan(List<Change> flows, List<Change> onEvents, List<Function> removed) {}

    Plan plan(long environment, Deploy deploy) {
        return db.withHandle(handle -> plan(handle, environment, deploy));
    }

    Plan plan(Handle handle, long environment, Deploy deploy) {
        var active = new HashMap<Function.Key, Function>();
        functions.active(handle, environment).forEach(f -> active.put(f.key(), f));
        var flows = changes(deploy.flows(), active);
        var onEvents = changes(deploy.onEvents().orElse(List.of()), active);
        return new Plan(flows, onEvents, removed(deploy, active));
    }

    private static List<Change> changes(List<Draft> drafts, Map<Function.Key, Function> active) {
        return drafts.stream()
                .map(d -> new Change(d, Optional.ofNullable(active.get(d.key()))))
                .toList();
    }

    /** Active functions within the deploy's scope that it does not contain. */
    private static List<Function> removed(Deploy deploy, Map<Function.Key, Function> active) {
        var named = new HashSet<Function.Key>();
        deploy.flows().forEach(d -> named.add(d.key()));
        deploy.onEvents().ifPresent(list -> list.forEach(d -> named.add(d.key())));
        var removed = new ArrayList<Function>();
        for (var function : active.values()) {
            if (!named.contains(function.key()) && reaches(deploy, function)) {
                removed.add(function);
            }
        }
        removed.sort((a, b) -> Long.compare(a.id(), b.id()));
        return removed;
    }

    /** A project owns what it has deployed. Functions deployed one by one through the API are not deleted. */
    private static boolean reaches(Deploy deploy, Function function) {
        if (!function.source().equals(deploy.source()) || deploy.mode() == Mode.SINGLE) {
            return false;
        }
        if (function.kind() == Kind.ON_EVENT) {
            return deploy.onEvents().isPresent()
                    && (deploy.mode() == Mode.ALL || addressed(deploy).contains(function.integration()));
        }
        return !deploy.flows().isEmpty()
                && (deploy.mode() == Mode.ALL
                        || deploy.flows().getFirst().key().integration().equals(function.integration()));
    }

    private static Set<String> addressed(Deploy deploy) {
        var integrations = new HashSet<String>();
        deploy.flows().forEach(d -> integrations.add(d.key().integration()));
        deploy.onEvents()
                .ifPresent(list -> list.forEach(d -> integrations.add(d.key().integration())));
        return integrations;
    }

    /**
     * Executes the deploy; returns the active functions, flows in the order sent.
     *
     * @param by name of the API key
     * @throws Failure 409 when another one of the environment is running
     */
    List<Function> deploy(long environment, Deploy deploy, String by) throws InterruptedException {
        scan.check(deploy.drafts());
        var known = known(environment);
        return lock.only(environment, handle -> carryOut(handle, environment, known, deploy, by));
    }

    /** The same, but waits for the lock. What {@code recorded} writes is committed together with the deploy. */
    List<Function> deployInTurn(long environment, Deploy deploy, String by, BiConsumer<Handle, List<Function>> recorded)
            throws InterruptedException {
        scan.check(deploy.drafts());
        var known = known(environment);
        return lock.take(environment, handle -> {
            var stored = carryOut(handle, environment, known, deploy, by);
            recorded.accept(handle, stored);
            return stored;
        });
    }

    private Map<String, Integration> known(long environment) {
        var known = new HashMap<String, Integration>();
        integrations.list(environment).forEach(i -> known.put(i.uniqueKey(), i));
        return known;
    }

    private List<Function> carryOut(
            Handle handle, long environment, Map<String, Integration> known, Deploy deploy, String by) {
        for (var flow : deploy.flows()) {
            if (!known.containsKey(flow.key().integration())) {
                throw unknownIntegration(flow.key().integration());
            }
        }
        var plan = plan(handle, environment, deploy);
        var origin = new Versions.Origin(deploy.sdkVersion(), deploy.source(), by);
        var stored = new ArrayList<Function>();
        for (var change : plan.flows()) {
            stored.add(store(handle, environment, known, change, version(change), origin));
        }
        for (var change : plan.onEvents()) {
            // The reference ignores unknown integrations in this list silently.
            if (known.containsKey(change.draft().key().integration())) {
                var version = change.before().map(f -> bump(f.version())).orElse("0.0.1");
                stored.add(store(handle, environment, known, change, version, origin));
            }
        }
        stored.forEach(hooks::check);
        if (deploy.reconcile()) {
            plan.removed().forEach(f -> versions.retire(handle, f));
            hooks.changed(handle, stored, plan.removed());
        }
        return stored;
    }

    private static Failure unknownIntegration(String integration) {
        return new Failure.Typed(
                400,
                "unknown_provider_config",
                "There is no integration with the id " + integration
                        + ". Create it, or name the folder of its functions after an integration that exists.",
                Json.object().put("providerConfigKey", integration));
    }

    private Function store(
            Handle handle,
            long environment,
            Map<String, Integration> known,
            Change change,
            String version,
            Versions.Origin origin) {
        var integration = requireNonNull(known.get(change.draft().key().integration()));
        return versions.deploy(handle, environment, integration.id(), change.draft(), change.before(), version, origin);
    }

    /** A given version is used; unchanged code keeps its version; changed code gets the next one. */
    static String version(Change change) {
        var given = change.draft().version();
        if (given.isPresent()) {
            return given.get();
        }
        return change.before()
                .map(before ->
                        before.codeHash().equals(change.draft().codeHash()) ? before.version() : bump(before.version()))
                .orElse("1");
    }

    static String bump(String version) {
        int dot = version.lastIndexOf('.');
        var last = version.substring(dot + 1);
        if (!last.matches("\\d{1,9}")) {
            return version + ".1";
        }
        return version.substring(0, dot + 1) + (Integer.parseInt(last) + 1);
    }
}
