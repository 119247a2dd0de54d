package dev.millrace.cli;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.db.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that select the server whose database is read or changed. */
class DatabaseOptions {
    private static final int POOL = 2;

    private final Map<String, String> environment;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The server's data folder (MILLRACE_DATA, default as for 'millrace up').")
    private @Nullable Path data;

    @Option(
            names = "--database-url",
            paramLabel = "URL",
            description = "The server's PostgreSQL when it is not the embedded one (DATABASE_URL).")
    private @Nullable String databaseUrl;

    DatabaseOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    Path data() {
        return data == null ? Folders.data(environment) : data.toAbsolutePath().normalize();
    }

    /** Checks the options; a subclass checks its own, too. */
    SettingsCheck check() {
        var check = new SettingsCheck(environment);
        check.databaseUrl(databaseUrl);
        checkOthers(check);
        if (!check.problems().isEmpty()) {
            throw new ParameterException(
                    Injected.value(command).commandLine(), String.join(System.lineSeparator(), check.problems()));
        }
        return check;
    }

    void checkOthers(SettingsCheck check) {}

    /** The server's database: that of the running server, otherwise started for the duration of the command. */
    Opened open() {
        check();
        if (databaseUrl != null) {
            return new Opened(Database.open(new DatabaseConfig(databaseUrl, POOL)), Optional.empty());
        }
        if (!Files.exists(data().resolve("postgres"))) {
            throw new UserError("There is no database in " + data()
                    + ": name the server's data folder with --data, or its own PostgreSQL with --database-url.");
        }
        var running = EmbeddedPostgres.running(data());
        if (running.isPresent()) {
            return new Opened(Database.open(new DatabaseConfig(running.get(), POOL)), Optional.empty());
        }
        var started = EmbeddedPostgres.start(data());
        try {
            return new Opened(Database.open(new DatabaseConfig(started.url(), POOL)), Optional.of(started));
        } catch (RuntimeException e) {
            started.close();
            throw e;
        }
    }

    /** A database, and the PostgreSQL that was started for it. */
    record Opened(Database db, Optional<EmbeddedPostgres> started) implements AutoCloseable {
        @Override
        public void close() {
            db.close();
            started.ifPresent(EmbeddedPostgres::close);
        }
    }
}
