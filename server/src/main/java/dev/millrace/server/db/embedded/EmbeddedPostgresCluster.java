package dev.millrace.server.db.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The database files: created once, completely or not at all. */
final class EmbeddedPostgresCluster {
    static final String USER = "millrace";

    /** Written into postgresql.conf, where an operator may change them. */
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("shared_buffers", "128MB"),
            Map.entry("max_connections", "100"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("jit", "off"),
            // There is no replication, which saves one process.
            Map.entry("max_logical_replication_workers", "0"),
            Map.entry("timezone", "UTC"),
            Map.entry("log_timezone", "UTC"),
            Map.entry("logging_collector", "on"),
            Map.entry("log_filename", "postgres-%a.log"),
            Map.entry("log_rotation_age", "1d"),
            Map.entry("log_truncate_on_rotation", "on"),
            Map.entry("log_min_messages", "warning"));

    private EmbeddedPostgresCluster() {}

    /** Creates the cluster unless it exists, and gives it to the account. */
    static void prepare(Path data, Path cluster, Path binaries, EmbeddedPostgresAccount account, String password)
            throws IOException {
        if (!Files.exists(cluster)) {
            create(data, cluster, binaries, account, password);
        }
        account.own(cluster);
        checkVersion(cluster, binaries, account);
    }

    private static void create(Path data, Path cluster, Path binaries, EmbeddedPostgresAccount account, String password)
            throws IOException {
        var building = Files.createTempDirectory(data, "creating-");
        try {
            var passwordFile = building.resolve("password");
            EmbeddedPostgresFiles.writeSecret(passwordFile, password);
            account.own(building);
            var made = building.resolve("cluster");
            var result = EmbeddedPostgresCommand.run(data, account.command(initdb(binaries, made, passwordFile)));
            if (!result.ok()) {
                throw EmbeddedPostgresFailure.printed(
                        "PostgreSQL could not create its files in " + data, result.output());
            }
            Files.move(made, cluster, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            EmbeddedPostgresFiles.delete(building);
        }
    }

    private static List<String> initdb(Path binaries, Path made, Path passwordFile) {
        var command = new ArrayList<>(List.of(
                binaries.resolve("bin/initdb").toString(),
                "--pgdata=" + made,
                "--username=" + USER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                // The locales of operating systems differ between machines; this one is built into PostgreSQL.
                "--no-locale",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8"));
        SETTINGS.forEach((name, value) -> command.add("--set=" + name + "=" + value));
        return command;
    }

    private static void checkVersion(Path cluster, Path binaries, EmbeddedPostgresAccount account) throws IOException {
        var made = Files.readString(cluster.resolve("PG_VERSION")).strip();
        var folder = binaries.getFileName().toString();
        if (folder.startsWith("postgres-build-") || folder.startsWith("postgres-" + made + ".")) {
            return;
        }
        throw new EmbeddedPostgresFailure("The database in " + cluster + " was made by PostgreSQL " + made
                + ", this build carries " + folder.substring("postgres-".length())
                + ". Carry the data over with pg_dump and pg_restore, or start the Millrace version that made it"
                + " (its files belong to user id " + account.owner() + ").");
    }
}
