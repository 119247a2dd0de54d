package dev.millrace.server.db;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/** Tells a database that is away from one that refuses what it is given. */
public final class Outage {
    private static final String CONNECTION = "08";
    private static final String RESOURCES = "53";
    private static final String INTERVENTION = "57P";

    private Outage() {}

    /** Whether the failure comes from a database that cannot be reached, stops, or has no room: later it may succeed. */
    public static boolean is(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLTransientConnectionException
                    || (cause instanceof SQLException refused && isState(String.valueOf(refused.getSQLState())))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isState(String state) {
        return state.startsWith(CONNECTION) || state.startsWith(RESOURCES) || state.startsWith(INTERVENTION);
    }
}
