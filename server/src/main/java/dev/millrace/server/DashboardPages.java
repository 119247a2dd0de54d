package dev.millrace.server;

import dev.millrace.server.connect.ConnectLinks;
import dev.millrace.server.connection.BrokenConnections;
import dev.millrace.server.delivery.Undelivered;
import dev.millrace.server.http.Route;
import dev.millrace.server.log.Activity;
import dev.millrace.server.log.LogReader;
import dev.millrace.server.run.SilentRuns;
import dev.millrace.server.sync.FailingSyncs;
import dev.millrace.server.ui.ConnectPages;
import dev.millrace.server.ui.ConnectionPages;
import dev.millrace.server.ui.Dashboard;
import dev.millrace.server.ui.DeliveryPages;
import dev.millrace.server.ui.FunctionPages;
import dev.millrace.server.ui.IntegrationPages;
import dev.millrace.server.ui.LogPages;
import dev.millrace.server.ui.MetadataPages;
import dev.millrace.server.ui.OverviewPages;
import dev.millrace.server.ui.RecordPages;
import dev.millrace.server.ui.SettingsPages;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The fourth part of the composition root: the pages of the dashboard. */
final class DashboardPages {
    private DashboardPages() {}

    static List<Route> of(Dashboard dashboard, Storage storage, Execution execution, Supplier<String> url) {
        var db = storage.db;
        var routes = new ArrayList<Route>();
        routes.addAll(new OverviewPages(
                        dashboard,
                        new Activity(db),
                        new FailingSyncs(db),
                        new BrokenConnections(db),
                        new SilentRuns(db),
                        new Undelivered(db),
                        storage.integrations,
                        storage.functions)
                .routes());
        var links = new ConnectLinks(storage.sessions, storage.connections, storage.integrations, url);
        routes.addAll(new ConnectPages(dashboard, links, storage.integrations).routes());
        routes.addAll(new IntegrationPages(
                        dashboard,
                        storage.integrations,
                        storage.integrationChanges,
                        storage.providers,
                        new BrokenConnections(db),
                        storage.functions,
                        storage.settings,
                        execution.deletion::delete,
                        url)
                .routes());
        routes.addAll(new SettingsPages(
                        dashboard,
                        storage.environments,
                        storage.settings,
                        storage.issuedKeys,
                        storage.variables,
                        storage.signingKeys,
                        execution.removal)
                .routes());
        var logs = new LogReader(storage.logs, db);
        routes.addAll(new ConnectionPages(
                        dashboard,
                        storage.connections,
                        new BrokenConnections(db),
                        storage.integrations,
                        execution.status,
                        execution.commands,
                        execution.deletion,
                        logs)
                .routes());
        routes.addAll(
                new FunctionPages(dashboard, storage.functions, execution.deploys.rollbacks(), storage.integrations)
                        .routes());
        routes.addAll(new LogPages(dashboard, logs, storage.integrations).routes());
        routes.addAll(new DeliveryPages(dashboard, execution.deliveries, execution.webhooks.received()).routes());
        routes.addAll(
                new MetadataPages(dashboard, storage.connections, storage.metadata, storage.history, execution.schemas)
                        .routes());
        routes.addAll(new RecordPages(dashboard, storage.connections, storage.records).routes());
        return routes;
    }
}
