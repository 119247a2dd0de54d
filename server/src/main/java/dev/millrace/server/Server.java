package dev.millrace.server;

import dev.millrace.server.action.ActionRetention;
import dev.millrace.server.action.ActionRoutes;
import dev.millrace.server.action.Actions;
import dev.millrace.server.action.AsyncActions;
import dev.millrace.server.action.IdempotentCalls;
import dev.millrace.server.action.InvocationRoutes;
import dev.millrace.server.action.SealedActions;
import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.cluster.ClusterRoutes;
import dev.millrace.server.cluster.Readiness;
import dev.millrace.server.config.Config;
import dev.millrace.server.connect.AuthFlows;
import dev.millrace.server.connect.ConnectAuthenticator;
import dev.millrace.server.connect.ConnectPage;
import dev.millrace.server.connect.ConnectSessionRoutes;
import dev.millrace.server.connect.ConnectSessions;
import dev.millrace.server.connect.DirectRoutes;
import dev.millrace.server.connect.FlowFinder;
import dev.millrace.server.connect.OAuthFlows;
import dev.millrace.server.connect.OAuthRoutes;
import dev.millrace.server.connect.PopupSockets;
import dev.millrace.server.connect.SessionRetention;
import dev.millrace.server.connect.TelemetryRoutes;
import dev.millrace.server.connection.ConnectionCredentials;
import dev.millrace.server.connection.ConnectionRetention;
import dev.millrace.server.connection.ConnectionRoutes;
import dev.millrace.server.connection.ConnectionSetup;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.connection.FreshConnections;
import dev.millrace.server.connection.ImportRoutes;
import dev.millrace.server.credential.IdleRefresh;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.credential.TokenContexts;
import dev.millrace.server.credential.TokenLeases;
import dev.millrace.server.credential.TokenRefresh;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.db.embedded.DataLock;
import dev.millrace.server.db.embedded.EmbeddedPostgres;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.dryrun.DryRunRoutes;
import dev.millrace.server.dryrun.DryRuns;
import dev.millrace.server.encryption.KeySource;
import dev.millrace.server.encryption.Keys;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.environment.AccountRoutes;
import dev.millrace.server.environment.ApiKeys;
import dev.millrace.server.environment.EnvironmentRoutes;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.environment.IssuedKeys;
import dev.millrace.server.environment.SigningKeys;
import dev.millrace.server.environment.UrlRule;
import dev.millrace.server.environment.Variables;
import dev.millrace.server.function.BundleRoutes;
import dev.millrace.server.function.Bundles;
import dev.millrace.server.function.CompileRoutes;
import dev.millrace.server.function.DeployRoutes;
import dev.millrace.server.function.DeploymentRoutes;
import dev.millrace.server.function.Deploys;
import dev.millrace.server.function.FunctionApiRoutes;
import dev.millrace.server.function.FunctionRoutes;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Jobs;
import dev.millrace.server.function.SourceDeployments;
import dev.millrace.server.function.js.Compiler;
import dev.millrace.server.function.js.JsRuntime;
import dev.millrace.server.function.js.ScriptScan;
import dev.millrace.server.http.Http;
import dev.millrace.server.http.Route;
import dev.millrace.server.integration.IntegrationRoutes;
import dev.millrace.server.integration.IntegrationView;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.log.LogRetention;
import dev.millrace.server.log.LogRoutes;
import dev.millrace.server.log.Logs;
import dev.millrace.server.metadata.Metadata;
import dev.millrace.server.metadata.MetadataHistory;
import dev.millrace.server.metadata.MetadataIndex;
import dev.millrace.server.metadata.MetadataLookup;
import dev.millrace.server.metadata.MetadataRoutes;
import dev.millrace.server.metadata.ObjectRoutes;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.provider.DefinitionWatch;
import dev.millrace.server.provider.ProviderRoutes;
import dev.millrace.server.provider.Providers;
import dev.millrace.server.proxy.CredentialsCheck;
import dev.millrace.server.proxy.Proxy;
import dev.millrace.server.proxy.ProxyRoutes;
import dev.millrace.server.proxy.Targets;
import dev.millrace.server.record.RecordRoutes;
import dev.millrace.server.record.Records;
import dev.millrace.server.record.SealedRecords;
import dev.millrace.server.record.stream.RecordStreamRoutes;
import dev.millrace.server.record.stream.RecordStreams;
import dev.millrace.server.record.stream.StreamConfig;
import dev.millrace.server.run.Platform;
import dev.millrace.server.run.RunRetention;
import dev.millrace.server.run.Runs;
import dev.millrace.server.schedule.Schedule;
import dev.millrace.server.schema.MetadataSchemas;
import dev.millrace.server.schema.ModelSchemas;
import dev.millrace.server.schema.SchemaRoutes;
import dev.millrace.server.schema.ValidatingGuard;
import dev.millrace.server.sync.DeployEffects;
import dev.millrace.server.sync.EnvironmentRemoval;
import dev.millrace.server.sync.Lifecycle;
import dev.millrace.server.sync.RecordRetention;
import dev.millrace.server.sync.RunningFunctions;
import dev.millrace.server.sync.SyncRoutes;
import dev.millrace.server.sync.SyncStatus;
import dev.millrace.server.sync.Syncs;
import dev.millrace.server.sync.VariantRoutes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The composition root: creates every service with {@code new}, in dependency order, and closes them in reverse. Start
 * it once, close it once.
 */
public final class Server implements AutoCloseable {
    /** All encrypted columns, for key rotation. */
    public static final List<SealedColumn> SEALED = Stream.of(
                    Environments.SEALED,
                    Integrations.SEALED,
                    Connections.SEALED,
                    ConnectSessions.SEALED,
                    AuthFlows.SEALED,
                    Metadata.SEALED,
                    SealedRecords.SEALED,
                    SealedActions.SEALED,
                    Jobs.SEALED)
            .flatMap(List::stream)
            .toList();

    private static final int POOL_SIZE = 24;

    private final Config config;
    private final Clock clock;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private volatile boolean ready;
    private volatile int port;
    private List<Route> routes = List.of();
    private Optional<Environments> environments = Optional.empty();

    public Server(Config config) {
        this(config, Clock.systemUTC());
    }

    Server(Config config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** The API key of the first environment; empty when another data folder holds it. */
    public record DefaultKey(String environment, Optional<String> secret) {}

    /** Starts everything. Returns when the server accepts requests. */
    public void start() {
        start(EmbeddedPostgres.Progress.NONE);
    }

    /** The same, with a listener for the progress of a first start. */
    public void start(EmbeddedPostgres.Progress progress) {
        try {
            compose(progress);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void compose(EmbeddedPostgres.Progress progress) {
        var loading = BackgroundStep.begin("providers", () -> Providers.load(config.providers()));
        var db = opened(database(progress));
        var providers = loading.result();
        if (!config.providers().isEmpty()) {
            opened(DefinitionWatch.over(providers));
        }
        var cluster = opened(new Cluster(db, nodeName(), version()));
        var disk = config.databaseUrl().isPresent() ? Optional.<Path>empty() : Optional.of(config.data());
        var readiness = new Readiness(db, cluster, disk);
        var schedule = new Schedule(db, clock, cluster);
        var source = new KeySource(config.data(), config.encryptionKeys());
        var encryption =
                opened(new Keys(db, source, SEALED, schedule, cluster, clock)).encryption();
        Supplier<String> url = () -> config.publicUrl().orElseGet(this::url);

        var environments = new Environments(db, encryption, config.data().resolve("keys"), clock);
        environments.createFirst();
        this.environments = Optional.of(environments);
        var keys = new ApiKeys(db, environments, config.environmentKeys(), config.accountKey(), clock);
        var outbound = opened(new Outbound(config.outbound()));
        var variables = new Variables(db, encryption, clock);
        UrlRule urls = outbound::refusal;
        var settings = new EnvironmentSettings(db, encryption, urls, clock);
        var logs = opened(new Logs(db, cluster.process(), clock));

        var integrations = new Integrations(db, encryption, new MetadataIndex(encryption)::declared);
        var integrationView = new IntegrationView(integrations, providers, environments, url);
        var metadata = new Metadata(db, encryption, settings, clock);
        var lookup = new MetadataLookup(db, encryption);
        var connections = new Connections(db, encryption, clock, metadata::imported, lookup::find);
        var records = new Records(db, encryption);

        var random = new SecureRandom();
        var tokens = new TokenCalls(outbound, clock, random);
        var credentials = new ConnectionCredentials(db, encryption, clock);
        var leases = new TokenLeases(db, cluster.process());
        cluster.onLoss((handle, server) -> leases.abandoned(handle, server.process()));
        var refresh = opened(
                new TokenRefresh(tokens, credentials, leases, new TokenContexts(providers, integrations), logs, clock));
        var fresh = new FreshConnections(connections, refresh);
        var proxy = new Proxy(outbound, clock, random);
        var targets = new Targets(integrations, connections, fresh, providers);
        var credentialsTest = new CredentialsCheck(proxy, targets, clock);

        var functions = new Functions(db);
        var runtime = opened(new JsRuntime(config.runtime()));
        var platform = new Platform(
                connections,
                fresh,
                metadata,
                integrationView,
                variables,
                settings,
                records,
                proxy,
                targets,
                new ModelSchemas()::violations,
                clock);
        var runs = opened(new Runs(db, functions, runtime, platform, providers, logs, cluster));
        var actions = new Actions(connections, environments, functions, settings, runs);
        var outbox = new WebhookOutbox();
        var asyncActions = new AsyncActions(db, encryption, schedule, actions, runs, connections, outbox, clock);
        var actionRetention = new ActionRetention(db, schedule, outbox, clock);
        var runRetention = new RunRetention(db, schedule, runs, clock);
        var connectionRetention = new ConnectionRetention(db, schedule, clock);

        var schemas = new MetadataSchemas(functions, clock);
        var syncs = new Syncs(
                db,
                schedule,
                runs,
                records,
                connections,
                integrations,
                environments,
                functions,
                settings,
                schemas,
                metadata::of,
                logs,
                clock);
        metadata.connect(new ValidatingGuard(schemas, settings, logs), syncs.configurations());
        var status = new SyncStatus(db, syncs, runs, records, connections, integrations, functions, schemas);
        var lifecycle = new Lifecycle(
                db, syncs, runs, connections, credentials, integrations, environments, functions, schedule, clock);
        runs.connect(new RunningFunctions(actions, syncs));
        credentials.connect(lifecycle);
        var setup = new ConnectionSetup(connections, credentialsTest, lifecycle);
        var sessions = new ConnectSessions(db, encryption, clock);
        var retention = new RecordRetention(db, schedule, records, connections, environments, settings, clock);
        var logRetention = new LogRetention(
                logs, db, schedule, environments::ids, id -> settings.read(id).logsDays(), clock);

        var routes = new ArrayList<Route>();
        routes.addAll(new ClusterRoutes(cluster, readiness, () -> ready).routes());
        routes.addAll(new EnvironmentRoutes(variables, settings, new SigningKeys(db, encryption, clock), url).routes());
        var issuedKeys = new IssuedKeys(db, encryption, clock);
        var removal = new EnvironmentRemoval(db, schedule, integrations, lifecycle, clock);
        routes.addAll(new AccountRoutes(environments, settings, issuedKeys, removal).routes());
        routes.addAll(new ProviderRoutes(providers, url).routes());
        routes.addAll(new IntegrationRoutes(integrations, providers, integrationView, lifecycle::delete).routes());
        routes.addAll(new ConnectionRoutes(connections, fresh, integrations, lifecycle::delete, urls, clock).routes());
        routes.addAll(new ImportRoutes(integrations, providers, setup, urls).routes());
        routes.addAll(new ConnectSessionRoutes(sessions, connections, integrations, settings, urls, url).routes());
        var finder = new FlowFinder(sessions, connections, integrations, providers);
        routes.addAll(new DirectRoutes(finder, setup, tokens).routes());
        var authFlows = new AuthFlows(db, encryption, clock);
        var oauth = new OAuthFlows(authFlows, finder, setup, tokens, settings, url, clock);
        var popups = new PopupSockets((socket, message) ->
                db.useTransaction(handle -> cluster.send(handle, PopupSockets.TOPIC, socket + ' ' + message)));
        cluster.subscribe(PopupSockets.TOPIC, popups::heard);
        routes.addAll(new OAuthRoutes(finder, oauth, popups, url).routes());
        routes.addAll(new ConnectPage(url).routes());
        routes.addAll(new TelemetryRoutes(sessions, clock).routes());
        routes.addAll(new MetadataRoutes(metadata).routes());
        var history = new MetadataHistory(db, encryption, settings, clock);
        routes.addAll(new ObjectRoutes(metadata, history).routes());
        routes.addAll(new SchemaRoutes(schemas, connections, integrations).routes());
        routes.addAll(new RecordRoutes(records, connections::id, clock).routes());
        var streams = new RecordStreams(records, connections::existing, StreamConfig.DEFAULT);
        routes.addAll(new RecordStreamRoutes(streams, connections::id, clock).routes());
        routes.addAll(new ProxyRoutes(proxy, targets, logs, clock).routes());
        routes.addAll(new FunctionRoutes(functions, integrations).routes());
        var scan = opened(new ScriptScan(config.runtime()));
        var idempotent = opened(new IdempotentCalls(db, encryption, cluster));
        routes.addAll(new ActionRoutes(actions, asyncActions, idempotent).routes());
        var deploys = new Deploys(
                db,
                settings,
                functions,
                integrations,
                scan::refused,
                new DeployEffects(syncs, connections, integrations));
        routes.addAll(new DeployRoutes(deploys).routes());
        routes.addAll(new FunctionApiRoutes(functions, integrations, deploys).routes());
        var compiler = new Compiler(config.runtime());
        routes.addAll(new CompileRoutes(compiler, clock).routes());
        var jobs = new Jobs(db, encryption, schedule, clock);
        new SourceDeployments(jobs, compiler, deploys).begin();
        routes.addAll(new DeploymentRoutes(jobs, functions, integrations).routes());
        new DryRuns(jobs, compiler, runs, connections, environments, clock).begin();
        var bundles = new Bundles(db, integrations);
        routes.addAll(new BundleRoutes(bundles).routes());
        routes.addAll(new InvocationRoutes(connections, bundles).routes());
        routes.addAll(new DryRunRoutes(jobs, integrations, connections).routes());
        routes.addAll(new SyncRoutes(syncs, status, connections).routes());
        routes.addAll(new VariantRoutes(syncs, connections, integrations).routes());
        routes.addAll(new LogRoutes(logs, db).routes());
        retention.begin();
        actionRetention.begin();
        runRetention.begin();
        connectionRetention.begin();
        logRetention.begin();
        new IdleRefresh(db, schedule, refresh, credentials, credentialsTest, clock).begin();
        new SessionRetention(db, schedule, sessions, authFlows, clock).begin();
        cluster.begin();
        opened(schedule).start();
        var http = opened(new Http(config.http(), new ConnectAuthenticator(keys, sessions, environments), routes));
        this.routes = List.copyOf(routes);
        port = http.port();
        opened(new Shutdown(http, schedule, runs, streams, config.http().grace()));
        ready = true;
    }

    private Database database(EmbeddedPostgres.Progress progress) {
        if (config.databaseUrl().isPresent()) {
            opened(lock());
            return Database.open(new DatabaseConfig(config.databaseUrl().get(), POOL_SIZE));
        }
        var postgres = opened(EmbeddedPostgres.start(config.data(), progress));
        return Database.open(new DatabaseConfig(postgres.url(), POOL_SIZE));
    }

    private DataLock lock() {
        try {
            Files.createDirectories(config.data());
            return DataLock.take(config.data());
        } catch (IOException e) {
            throw new UncheckedIOException("The data folder " + config.data() + " cannot be used", e);
        }
    }

    /**
     * Is the same at every start on this data folder, so that unfinished work of the previous process is recognised.
     */
    private String nodeName() {
        try {
            var file = config.data().resolve("node");
            if (!Files.exists(file)) {
                Files.writeString(file, UUID.randomUUID().toString());
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("The data folder " + config.data() + " cannot be used", e);
        }
    }

    private static String version() {
        return Optional.ofNullable(Server.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.push(resource);
        return resource;
    }

    /** The port it listens on. */
    public int port() {
        return port;
    }

    /** The address it listens on. */
    List<Route> routes() {
        return routes;
    }

    /** The first account key; empty when another data folder holds it. */
    public Optional<String> accountKey() {
        return environments.flatMap(Environments::accountKey);
    }

    /** The URL for clients on this machine. */
    public String url() {
        return (config.http().tls().isPresent() ? "https" : "http") + "://localhost:" + port;
    }

    public DefaultKey defaultKey() {
        return new DefaultKey(Environments.DEFAULT, environments.flatMap(e -> e.firstKey(Environments.DEFAULT)));
    }

    /**
     * Lets current work finish within the grace period (see {@link Shutdown}), then stops listening and stops the
     * database.
     */
    @Override
    public void close() {
        ready = false;
        while (!open.isEmpty()) {
            var resource = open.pop();
            try {
                resource.close();
            } catch (Exception e) {
                org.slf4j.LoggerFactory.getLogger(Server.class).error("closing {} failed", resource, e);
            }
        }
    }
}
