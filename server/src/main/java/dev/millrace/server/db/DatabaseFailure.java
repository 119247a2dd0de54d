package dev.millrace.server.db;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Optional;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;

/** The database cannot be used at the start. The message says why and what to do; it contains no password. */
public final class DatabaseFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final String NOT_ALLOWED = "42501";

    private DatabaseFailure(String message, Throwable cause) {
        super(message, cause);
    }

    static DatabaseFailure connecting(String url, RuntimeException failure) {
        return new DatabaseFailure(
                "Cannot connect to the PostgreSQL " + place(url) + ": " + reason(failure)
                        + " Check the database URL (--database-url or DATABASE_URL), and that PostgreSQL runs there and"
                        + " accepts connections from this machine.",
                failure);
    }

    /** A failed migration that an operator can do something about; any other one is a bug. */
    static Optional<DatabaseFailure> migrating(DatabaseConfig config, RuntimeException failure) {
        var outage = Outage.behind(failure);
        if (outage.isPresent()) {
            return Optional.of(new DatabaseFailure(outage.get().message(), failure));
        }
        if (failure instanceof FlywayValidateException) {
            return Optional.of(new DatabaseFailure(
                    "The tables in the PostgreSQL " + place(config)
                            + " are of an unreleased or damaged build: they are not those that this build can upgrade."
                            + remedy(config) + " or use the build that made them.",
                    failure));
        }
        return sql(failure)
                .filter(sql -> NOT_ALLOWED.equals(sql.getSQLState()))
                .map(sql -> new DatabaseFailure(
                        "The user of the PostgreSQL " + place(config) + " may not create tables: " + firstLine(sql)
                                + " Grant it, for example with: GRANT CREATE, USAGE ON SCHEMA public TO the_user",
                        failure));
    }

    private static String remedy(DatabaseConfig config) {
        return config.folder().isPresent()
                ? " Start with another data folder (--data), delete this one if its data is not needed,"
                : " Start with an empty database,";
    }

    private static String place(DatabaseConfig config) {
        return config.folder().map(folder -> "of the data folder " + folder).orElseGet(() -> place(config.url()));
    }

    /** Host, port and database. */
    private static String place(String url) {
        try {
            var uri = new URI(url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url);
            var port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            return "at " + uri.getHost() + port + uri.getPath();
        } catch (URISyntaxException _) {
            return "of the database URL";
        }
    }

    private static String reason(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "the name of the host cannot be resolved.";
            }
        }
        return sql(failure).map(DatabaseFailure::firstLine).orElse("the connection failed.");
    }

    private static Optional<SQLException> sql(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return Optional.of(sql);
            }
        }
        return Optional.empty();
    }

    private static String firstLine(SQLException failure) {
        var line = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        // The driver's message contains other advice.
        var text = line.replaceFirst("(refused)\\. Check that .*", "$1.");
        return text.endsWith(".") ? text : text + ".";
    }
}
