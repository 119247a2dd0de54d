package dev.millrace.server.db;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reasons why the database cannot execute any statement at the moment. */
public enum Outage {
    AWAY("database_unavailable", "The database cannot be reached at the moment."),
    DISK_FULL("database_disk_full", "The disk of the database is full: free some space.");

    private static final int MOST_CAUSES = 20;

    private final String code;
    private final String message;

    Outage(String code, String message) {
        this.code = code;
        this.message = message;
    }

    public String code() {
        return code;
    }

    public String message() {
        return message;
    }

    /** The outage that caused an exception, if one did. */
    public static Optional<Outage> behind(@Nullable Throwable failure) {
        var cause = failure;
        for (int i = 0; cause != null && i < MOST_CAUSES; i++) {
            if (cause instanceof SQLException sql) {
                var found = of(sql);
                if (found.isPresent()) {
                    return found;
                }
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    private static Optional<Outage> of(SQLException failure) {
        var state = failure.getSQLState() == null ? "" : failure.getSQLState();
        if (state.equals("53100")) {
            return Optional.of(DISK_FULL);
        }
        // 08: the connection broke. 53: out of memory, disk space or connections. 57P: the server stops, starts or has
        // crashed. 25P03: it ended a session that was idle in a transaction.
        if (failure instanceof SQLTransientConnectionException
                || state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57P")
                || state.equals("25P03")) {
            return Optional.of(AWAY);
        }
        return Optional.empty();
    }
}
