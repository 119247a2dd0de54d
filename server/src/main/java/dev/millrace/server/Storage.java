package dev.millrace.server;

import dev.millrace.server.action.SealedActions;
import dev.millrace.server.cluster.Cluster;
import dev.millrace.server.cluster.Readiness;
import dev.millrace.server.config.Config;
import dev.millrace.server.connect.AuthFlows;
import dev.millrace.server.connect.ConnectSessions;
import dev.millrace.server.connection.ConnectionCredentials;
import dev.millrace.server.connection.ConnectionMatches;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.db.embedded.DataLock;
import dev.millrace.server.db.embedded.EmbeddedPostgres;
import dev.millrace.server.delivery.WebhookOutbox;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.KeySource;
import dev.millrace.server.encryption.Keys;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.environment.ApiKeys;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.environment.IssuedKeys;
import dev.millrace.server.environment.SigningKeys;
import dev.millrace.server.environment.UrlRule;
import dev.millrace.server.environment.Variables;
import dev.millrace.server.function.Functions;
import dev.millrace.server.function.Jobs;
import dev.millrace.server.integration.IntegrationChanges;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.log.Logs;
import dev.millrace.server.metadata.Metadata;
import dev.millrace.server.metadata.MetadataHistory;
import dev.millrace.server.metadata.MetadataIndex;
import dev.millrace.server.metadata.MetadataLookup;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.provider.DefinitionWatch;
import dev.millrace.server.provider.Providers;
import dev.millrace.server.record.Records;
import dev.millrace.server.record.SealedRecords;
import dev.millrace.server.schedule.Schedule;
import dev.millrace.server.ui.DashboardPassword;
import dev.millrace.server.ui.Sessions;
import dev.millrace.server.webhook.Webhooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The first part of the composition root: the database, and the services that keep data in it. */
final class Storage {
    /** All encrypted columns, for key rotation. */
    static final List<SealedColumn> SEALED = Stream.of(
                    Environments.SEALED,
                    Integrations.SEALED,
                    Connections.SEALED,
                    ConnectSessions.SEALED,
                    AuthFlows.SEALED,
                    Metadata.SEALED,
                    SealedRecords.SEALED,
                    SealedActions.SEALED,
                    WebhookOutbox.SEALED,
                    Webhooks.SEALED,
                    Jobs.SEALED)
            .flatMap(List::stream)
            .toList();

    private static final int POOL_SIZE = 24;

    final Providers providers;
    final Database db;
    final Cluster cluster;
    final Readiness readiness;
    final Schedule schedule;
    final Encryption encryption;

    final Environments environments;
    final ApiKeys keys;
    final IssuedKeys issuedKeys;
    final SigningKeys signingKeys;
    final Variables variables;
    final Outbound outbound;
    final UrlRule urls;
    final EnvironmentSettings settings;
    final Logs logs;

    final Integrations integrations;
    final Metadata metadata;
    final MetadataHistory history;
    final Connections connections;
    final IntegrationChanges integrationChanges;
    final ConnectionMatches matches;
    final ConnectionCredentials credentials;
    final Records records;
    final Functions functions;
    final ConnectSessions sessions;
    final AuthFlows authFlows;
    final DashboardPassword dashboardPassword;
    final Sessions dashboardSessions;

    Storage(Config config, Clock clock, Resources resources, EmbeddedPostgres.Progress progress) {
        var loading = BackgroundStep.begin("providers", () -> Providers.load(config.providers()));
        db = resources.opened(database(config, resources, progress));
        providers = loading.result();
        if (!config.providers().isEmpty()) {
            resources.opened(DefinitionWatch.over(providers));
        }
        cluster = resources.opened(new Cluster(db, nodeName(config), version()));
        var disk = config.databaseUrl().isPresent() ? Optional.<Path>empty() : Optional.of(config.data());
        readiness = new Readiness(db, cluster, disk);
        schedule = new Schedule(db, clock, cluster);
        var source = new KeySource(config.data(), config.encryptionKeys());
        encryption = resources
                .opened(new Keys(db, source, SEALED, schedule, cluster, clock))
                .encryption();

        environments = new Environments(db, encryption, config.data().resolve("keys"), clock);
        environments.createFirst();
        keys = new ApiKeys(db, environments, config.environmentKeys(), config.accountKey(), clock);
        issuedKeys = new IssuedKeys(db, encryption, clock);
        signingKeys = new SigningKeys(db, encryption, clock);
        variables = new Variables(db, encryption, clock);
        outbound = resources.opened(new Outbound(config.outbound()));
        urls = outbound::refusal;
        settings = new EnvironmentSettings(db, encryption, urls, clock);
        logs = resources.opened(new Logs(db, cluster.process(), clock));

        integrations = new Integrations(db, encryption, new MetadataIndex(encryption)::declared);
        metadata = new Metadata(db, encryption, settings, clock);
        history = new MetadataHistory(db, encryption, settings, clock);
        var lookup = new MetadataLookup(db, encryption);
        connections = new Connections(db, encryption, clock, metadata, lookup);
        integrationChanges = new IntegrationChanges(integrations, providers, connections::anyOf);
        matches = new ConnectionMatches(db, integrations, lookup);
        credentials = new ConnectionCredentials(db, encryption, clock);
        records = new Records(db, encryption);
        functions = new Functions(db);
        sessions = new ConnectSessions(db, encryption, clock);
        authFlows = new AuthFlows(db, encryption, clock);
        dashboardPassword = new DashboardPassword(db, clock);
        dashboardSessions = new Sessions(db, clock);
    }

    private static Database database(Config config, Resources resources, EmbeddedPostgres.Progress progress) {
        if (config.databaseUrl().isPresent()) {
            resources.opened(lock(config.data()));
            return Database.open(new DatabaseConfig(config.databaseUrl().get(), POOL_SIZE));
        }
        var postgres = resources.opened(EmbeddedPostgres.start(config.data(), progress));
        return Database.open(new DatabaseConfig(postgres.url(), POOL_SIZE, Optional.of(config.data())));
    }

    private static DataLock lock(Path data) {
        try {
            Files.createDirectories(data);
            return DataLock.take(data);
        } catch (IOException e) {
            throw new UncheckedIOException("The data folder " + data + " cannot be used", e);
        }
    }

    /** Stays the same from start to start, so that what an earlier process left unfinished is recognised. */
    private static String nodeName(Config config) {
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

    static String version() {
        return Optional.ofNullable(Storage.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }
}
