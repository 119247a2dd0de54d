package dev.millrace.server;

import dev.millrace.server.action.ActionRoutes;
import dev.millrace.server.action.InvocationRoutes;
import dev.millrace.server.cluster.ClusterRoutes;
import dev.millrace.server.connect.ConnectPage;
import dev.millrace.server.connect.ConnectSessionRoutes;
import dev.millrace.server.connect.DirectRoutes;
import dev.millrace.server.connect.FailedLogins;
import dev.millrace.server.connect.FlowFinder;
import dev.millrace.server.connect.OAuthFlows;
import dev.millrace.server.connect.OAuthRoutes;
import dev.millrace.server.connect.PopupSockets;
import dev.millrace.server.connect.TelemetryRoutes;
import dev.millrace.server.connection.ConnectionRoutes;
import dev.millrace.server.connection.ImportRoutes;
import dev.millrace.server.delivery.WebhookRoutes;
import dev.millrace.server.dryrun.DryRunRoutes;
import dev.millrace.server.environment.AccountRoutes;
import dev.millrace.server.environment.EnvironmentRoutes;
import dev.millrace.server.function.BundleRoutes;
import dev.millrace.server.function.CompileRoutes;
import dev.millrace.server.function.DeployRoutes;
import dev.millrace.server.function.DeploymentRoutes;
import dev.millrace.server.function.FunctionApiRoutes;
import dev.millrace.server.function.FunctionRoutes;
import dev.millrace.server.http.Route;
import dev.millrace.server.integration.IntegrationRoutes;
import dev.millrace.server.log.LogRoutes;
import dev.millrace.server.metadata.MetadataRoutes;
import dev.millrace.server.metadata.ObjectRoutes;
import dev.millrace.server.provider.ProviderRoutes;
import dev.millrace.server.proxy.ProxyRoutes;
import dev.millrace.server.record.RecordRoutes;
import dev.millrace.server.record.stream.RecordStreamRoutes;
import dev.millrace.server.record.stream.RecordStreams;
import dev.millrace.server.record.stream.StreamConfig;
import dev.millrace.server.schema.SchemaRoutes;
import dev.millrace.server.sync.SyncRoutes;
import dev.millrace.server.sync.VariantRoutes;
import dev.millrace.server.ui.Dashboard;
import dev.millrace.server.ui.SignIn;
import dev.millrace.server.webhook.InboundRoutes;
import dev.millrace.server.webhook.ReceivedRoutes;
import dev.millrace.server.webhook.scheme.WebhookSchemes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The third part of the composition root: what the server answers to. */
final class Routes {
    final List<Route> all;
    private final RecordStreams streams;
    private final Optional<Dashboard> dashboard;

    /**
     * @param withDashboard whether there are pages for people
     * @param ready whether the server has started
     */
    Routes(
            Clock clock,
            Storage storage,
            Execution execution,
            boolean withDashboard,
            Supplier<String> url,
            BooleanSupplier ready) {
        var db = storage.db;
        var cluster = storage.cluster;
        var settings = storage.settings;
        var urls = storage.urls;
        var providers = storage.providers;
        var integrations = storage.integrations;
        var connections = storage.connections;
        var functions = storage.functions;
        var sessions = storage.sessions;
        var deletion = execution.deletion;
        var fresh = execution.fresh;
        var setup = execution.setup;
        var tokens = execution.tokens;
        var jobs = execution.jobs;
        var routes = new ArrayList<Route>();

        routes.addAll(new ClusterRoutes(cluster, storage.readiness, ready).routes());
        routes.addAll(new EnvironmentRoutes(storage.variables, settings, storage.signingKeys, url).routes());
        routes.addAll(
                new AccountRoutes(storage.environments, settings, storage.issuedKeys, execution.removal).routes());
        routes.addAll(new ProviderRoutes(providers, url).routes());
        routes.addAll(new IntegrationRoutes(
                        integrations, storage.integrationChanges, execution.integrationView, deletion::delete)
                .routes());
        routes.addAll(new ConnectionRoutes(connections, fresh, integrations, deletion::delete, urls, clock).routes());
        routes.addAll(new ImportRoutes(integrations, providers, setup, urls).routes());

        routes.addAll(new ConnectSessionRoutes(sessions, connections, integrations, settings, urls, url).routes());
        var finder = new FlowFinder(sessions, connections, integrations, providers);
        var failures = new FailedLogins(db, integrations, execution.authWebhooks);
        routes.addAll(new DirectRoutes(finder, setup, tokens, failures).routes());
        var oauth = new OAuthFlows(storage.authFlows, finder, setup, tokens, settings, url, clock);
        var popups = new PopupSockets((socket, message) ->
                db.useTransaction(handle -> cluster.send(handle, PopupSockets.TOPIC, socket + ' ' + message)));
        cluster.subscribe(PopupSockets.TOPIC, popups::heard);
        routes.addAll(new OAuthRoutes(finder, oauth, popups, failures, url).routes());
        routes.addAll(new ConnectPage(url).routes());
        routes.addAll(new TelemetryRoutes(sessions, clock).routes());

        routes.addAll(new MetadataRoutes(storage.metadata).routes());
        routes.addAll(new ObjectRoutes(storage.metadata, storage.history).routes());
        routes.addAll(new SchemaRoutes(execution.schemas, connections, integrations).routes());
        routes.addAll(new RecordRoutes(storage.records, connections::id, clock).routes());
        streams = new RecordStreams(storage.records, connections::existing, StreamConfig.DEFAULT);
        routes.addAll(new RecordStreamRoutes(streams, connections::id, clock).routes());

        routes.addAll(new ProxyRoutes(execution.proxy, execution.targets, storage.logs, clock).routes());
        routes.addAll(new FunctionRoutes(functions, integrations).routes());
        routes.addAll(new ActionRoutes(execution.actions, execution.asyncActions, execution.idempotent).routes());
        routes.addAll(new DeployRoutes(execution.deploys).routes());
        routes.addAll(new FunctionApiRoutes(functions, integrations, execution.deploys).routes());
        routes.addAll(new CompileRoutes(execution.compiler, clock).routes());
        routes.addAll(new DeploymentRoutes(jobs, functions, integrations).routes());
        routes.addAll(new BundleRoutes(execution.deploys.bundles()).routes());
        routes.addAll(new InvocationRoutes(execution.invocations, execution.idempotent).routes());
        routes.addAll(new DryRunRoutes(jobs, integrations, connections).routes());
        routes.addAll(new SyncRoutes(execution.commands, execution.status, connections).routes());
        routes.addAll(new VariantRoutes(execution.variants, connections, integrations).routes());
        routes.addAll(new LogRoutes(storage.logs, db).routes());
        routes.addAll(new WebhookRoutes(execution.deliveries).routes());
        routes.addAll(new InboundRoutes(
                        storage.environments,
                        settings,
                        integrations,
                        providers,
                        new WebhookSchemes(providers::find, storage.outbound, clock),
                        execution.webhooks,
                        url,
                        clock)
                .routes());
        routes.addAll(new ReceivedRoutes(execution.webhooks.received()).routes());
        dashboard = withDashboard ? Optional.of(dashboard(clock, storage, url)) : Optional.empty();
        dashboard.ifPresent(it -> {
            routes.replaceAll(route -> route.pattern().equals("/") ? it.front(route) : route);
            routes.addAll(it.routes(DashboardPages.of(it, storage, execution, url)));
        });
        all = List.copyOf(routes);
    }

    private static Dashboard dashboard(Clock clock, Storage storage, Supplier<String> url) {
        var sessions = storage.dashboardSessions;
        return new Dashboard(
                storage.environments,
                sessions,
                new SignIn(storage.db, storage.dashboardPassword, sessions, clock),
                url,
                Storage.version(),
                () -> storage.cluster.servers().size(),
                clock);
    }

    /** Ends the answers that never end on their own. */
    void endStreams() {
        streams.close();
        dashboard.ifPresent(Dashboard::close);
    }
}
