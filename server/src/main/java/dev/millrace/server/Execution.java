package dev.millrace.server;

import dev.millrace.server.action.Actions;
import dev.millrace.server.action.AsyncActions;
import dev.millrace.server.action.IdempotentCalls;
import dev.millrace.server.action.Invocations;
import dev.millrace.server.action.ScheduledFunctions;
import dev.millrace.server.config.Config;
import dev.millrace.server.connection.ConnectionRetention;
import dev.millrace.server.connection.ConnectionSetup;
import dev.millrace.server.connection.FreshConnections;
import dev.millrace.server.credential.IdleRefresh;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.credential.TokenContexts;
import dev.millrace.server.credential.TokenLeases;
import dev.millrace.server.credential.TokenRefresh;
import dev.millrace.server.delivery.AuthWebhooks;
import dev.millrace.server.delivery.Deliveries;
import dev.millrace.server.delivery.DeliveryRetention;
import dev.millrace.server.delivery.MetadataWebhooks;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.dryrun.DryRuns;
import dev.millrace.server.function.Deploys;
import dev.millrace.server.function.Jobs;
import dev.millrace.server.function.SourceDeployments;
import dev.millrace.server.function.js.Compiler;
import dev.millrace.server.function.js.JsRuntime;
import dev.millrace.server.function.js.ScriptScan;
import dev.millrace.server.integration.IntegrationView;
import dev.millrace.server.log.LogRetention;
import dev.millrace.server.metadata.MetadataRetention;
import dev.millrace.server.proxy.CredentialsCheck;
import dev.millrace.server.proxy.DefinedSteps;
import dev.millrace.server.proxy.Proxy;
import dev.millrace.server.proxy.Targets;
import dev.millrace.server.run.Platform;
import dev.millrace.server.run.RunRetention;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.Retention;
import dev.millrace.server.schedule.RetentionRule;
import dev.millrace.server.schema.MetadataSchemas;
import dev.millrace.server.schema.ModelSchemas;
import dev.millrace.server.schema.ValidatingGuard;
import dev.millrace.server.sync.Configurations;
import dev.millrace.server.sync.ConnectionActivation;
import dev.millrace.server.sync.ConnectionDeletion;
import dev.millrace.server.sync.CredentialEffects;
import dev.millrace.server.sync.DependentsOfConnections;
import dev.millrace.server.sync.DeployEffects;
import dev.millrace.server.sync.DeployedSyncs;
import dev.millrace.server.sync.EnvironmentRemoval;
import dev.millrace.server.sync.EventFunctions;
import dev.millrace.server.sync.RecordPurge;
import dev.millrace.server.sync.RecordRetention;
import dev.millrace.server.sync.RunningFunctions;
import dev.millrace.server.sync.SyncCommands;
import dev.millrace.server.sync.SyncRetention;
import dev.millrace.server.sync.SyncRuns;
import dev.millrace.server.sync.SyncStatus;
import dev.millrace.server.sync.SyncVariants;
import dev.millrace.server.sync.Syncs;
import dev.millrace.server.webhook.ReceivedRetention;
import dev.millrace.server.webhook.WebhookRuns;
import dev.millrace.server.webhook.Webhooks;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;

/** The second part of the composition root: calls to providers, runs of functions, and what starts them. */
final class Execution {
    final IntegrationView integrationView;
    final TokenCalls tokens;
    final FreshConnections fresh;
    final Proxy proxy;
    final Targets targets;
    final Deliveries deliveries;
    final AuthWebhooks authWebhooks;
    final MetadataSchemas schemas;
    final Runs runs;
    final Actions actions;
    final AsyncActions asyncActions;
    final IdempotentCalls idempotent;
    final Invocations invocations;
    final SyncCommands commands;
    final SyncVariants variants;
    final SyncStatus status;
    final ConnectionDeletion deletion;
    final ConnectionSetup setup;
    final EnvironmentRemoval removal;
    final Deploys deploys;
    final Compiler compiler;
    final Jobs jobs;
    final Webhooks webhooks;

    private final Storage storage;
    private final Clock clock;
    private final TokenRefresh refresh;
    private final CredentialsCheck credentialsTest;

    Execution(Config config, Clock clock, Storage storage, Resources resources, Supplier<String> url) {
        this.storage = storage;
        this.clock = clock;
        var db = storage.db;
        var cluster = storage.cluster;
        var schedule = storage.schedule;
        var encryption = storage.encryption;
        var environments = storage.environments;
        var settings = storage.settings;
        var providers = storage.providers;
        var logs = storage.logs;
        var integrations = storage.integrations;
        var connections = storage.connections;
        var credentials = storage.credentials;
        var metadata = storage.metadata;
        var records = storage.records;
        var functions = storage.functions;

        var random = new SecureRandom();
        tokens = new TokenCalls(storage.outbound, clock, random);
        var leases = new TokenLeases(db, cluster.process());
        cluster.onLoss((handle, server) -> leases.abandoned(handle, server.process()));
        refresh = resources.opened(
                new TokenRefresh(tokens, credentials, leases, new TokenContexts(providers, integrations), logs, clock));
        fresh = new FreshConnections(connections, refresh);
        proxy = new Proxy(storage.outbound, clock, random);
        targets = new Targets(integrations, connections, fresh, providers);
        credentialsTest = new CredentialsCheck(proxy, targets, clock);

        var runtime = resources.opened(new JsRuntime(config.runtime()));
        integrationView = new IntegrationView(integrations, providers, environments, url);
        var platform = new Platform(
                connections,
                fresh,
                metadata,
                integrationView,
                storage.variables,
                settings,
                records,
                proxy,
                targets,
                new ModelSchemas()::violations,
                clock);
        var outbox = new WebhookOutbox(encryption, settings, clock);
        deliveries = resources.opened(new Deliveries(
                db,
                encryption,
                outbox,
                settings,
                storage.signingKeys,
                storage.outbound,
                logs,
                cluster,
                config.delivery(),
                "millrace/" + Storage.version(),
                clock));
        runs = resources.opened(new Runs(db, functions, runtime, platform, providers, logs, outbox, cluster));
        actions = new Actions(connections, environments, functions, settings, runs);
        asyncActions = new AsyncActions(db, encryption, schedule, actions, runs, connections, outbox, clock);
        invocations = new Invocations(
                db, encryption, schedule, cluster, connections, environments, functions, settings, logs, runs, clock);
        var scheduled = new ScheduledFunctions(db, schedule, connections, functions, invocations, clock);

        schemas = new MetadataSchemas(functions, clock);
        var configurations = new Configurations(db, schedule, runs, schemas, metadata, settings, logs, clock);
        var purge = new RecordPurge(db, schedule, runs, records, clock);
        var syncs = new Syncs(db, schedule, runs, configurations, purge, clock);
        variants = new SyncVariants(db, schedule, functions, syncs, clock);
        commands = new SyncCommands(db, schedule, runs, connections, integrations, functions, clock);
        new SyncRuns(db, schedule, runs, records, connections, environments, functions, settings, clock).begin();
        status = new SyncStatus(db, syncs, runs, records, connections, integrations, functions, schemas);
        var events = new EventFunctions(db, runs, connections, environments, functions, schedule);
        var steps = new DefinedSteps(proxy, targets, fresh, providers, logs, clock);
        authWebhooks = new AuthWebhooks(outbox, id -> environments.get(id).name(), providers::find);
        deletion = new ConnectionDeletion(
                db, syncs, events, connections, integrations, functions, steps, schedule, authWebhooks);
        var activation = new ConnectionActivation(
                db,
                syncs,
                events,
                scheduled,
                deletion,
                connections,
                credentials,
                functions,
                steps,
                schedule,
                authWebhooks,
                clock);
        setup = new ConnectionSetup(connections, providers, tokens, credentialsTest, activation, clock);
        removal = new EnvironmentRemoval(db, schedule, integrations, deletion, clock);
        metadata.connect(new ValidatingGuard(schemas, settings, logs), configurations);
        metadata.tell(new MetadataWebhooks(outbox, connections));
        runs.connect(new RunningFunctions(actions, commands));
        credentials.connect(new CredentialEffects(db, syncs, connections, authWebhooks, schedule));

        var webhookRuns = resources.opened(new WebhookRuns(
                db, encryption, schedule, runs, syncs, connections, environments, integrations, functions, clock));
        webhooks = resources.opened(new Webhooks(
                db,
                encryption,
                schedule,
                storage.matches,
                connections,
                setup,
                functions,
                syncs,
                environments,
                webhookRuns,
                invocations,
                outbox,
                clock));

        var scan = resources.opened(new ScriptScan(config.runtime()));
        idempotent = resources.opened(new IdempotentCalls(db, encryption, cluster));
        var deployed = new DeployedSyncs(db, schedule, functions, syncs, configurations, clock);
        var effects = new DeployEffects(deployed, scheduled, syncs, connections, integrations);
        deploys = new Deploys(db, settings, functions, integrations, scan::refused, effects);
        compiler = new Compiler(config.runtime());
        jobs = new Jobs(db, encryption, schedule, clock);
        new SourceDeployments(jobs, compiler, deploys).begin();
        new DryRuns(jobs, compiler, runs, connections, environments, clock).begin();
    }

    /** Schedules what runs at intervals: retention, and the renewal of tokens that nobody uses. */
    void begin() {
        new Retention(storage.db, storage.schedule, clock, retentionRules()).begin();
        new IdleRefresh(storage.db, storage.schedule, refresh, storage.credentials, credentialsTest, clock).begin();
    }

    private List<RetentionRule> retentionRules() {
        var db = storage.db;
        var settings = storage.settings;
        var environments = storage.environments;
        return List.of(
                new RecordRetention(storage.records, storage.connections, environments, settings, clock).rule(),
                asyncActions.retention(),
                invocations.retention(),
                IdempotentCalls.retention(db),
                new DeliveryRetention(db, deliveries, environments::ids, settings, storage.cluster).rule(),
                new ReceivedRetention(db, environments::ids, settings).rule(),
                new RunRetention(db, runs).rule(),
                new SyncRetention(db, runs).rule(),
                new ConnectionRetention(db, new MetadataRetention(), new DependentsOfConnections()).rule(),
                new LogRetention(
                                storage.logs,
                                environments::ids,
                                id -> settings.read(id).logsDays())
                        .rule(),
                storage.sessions.retention(),
                storage.authFlows.retention(),
                storage.dashboardSessions.retention());
    }
}
