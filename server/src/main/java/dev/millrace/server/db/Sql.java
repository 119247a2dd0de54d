package dev.millrace.server.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a hot path, its named parameters found once. Jdbi copies its configuration for every statement and looks
 * for its parameters each time: what runs on every request or batch goes this way instead, all else through Jdbi.
 * Thread-safe.
 */
public final class Sql {
    // A name after a single colon; "::" is a cast.
    private static final Pattern NAME = Pattern.compile("(?<!:):([a-zA-Z]\\w*)");

    private final String text;
    private final Map<String, List<Integer>> positions = new HashMap<>();

    private Sql(String named) {
        var names = new ArrayList<String>();
        this.text = NAME.matcher(named).replaceAll(match -> {
            names.add(match.group(1));
            return "?";
        });
        for (int i = 0; i < names.size(); i++) {
            positions.computeIfAbsent(names.get(i), _ -> new ArrayList<>()).add(i + 1);
        }
    }

    public static Sql of(String named) {
        return new Sql(named);
    }

    /** Reads one row, or all of them. */
    @FunctionalInterface
    public interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** Sets the parameters. */
    @FunctionalInterface
    public interface Binder {
        void bind(Parameters parameters) throws SQLException;
    }

    /** Sets parameters of one execution by name. */
    public final class Parameters {
        private final PreparedStatement statement;

        private Parameters(PreparedStatement statement) {
            this.statement = statement;
        }

        /** Sets a parameter at each place where the statement names it. */
        public Parameters set(String name, @Nullable Object value) throws SQLException {
            var at = positions.get(name);
            if (at == null) {
                throw new IllegalArgumentException("the statement has no parameter " + name + ": " + text);
            }
            for (int position : at) {
                statement.setObject(position, value);
            }
            return this;
        }

        /** Sets an array.
         *
         * @param type of its elements in the database
         */
        public Parameters array(String name, String type, @Nullable Object[] values) throws SQLException {
            return set(name, statement.getConnection().createArrayOf(type, values));
        }
    }

    /** The first row, if there is one. */
    public <T> Optional<T> first(Handle handle, Binder binder, Row<T> row) {
        try {
            return first(handle.getConnection(), binder, row);
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    /** The first row, if there is one. */
    public <T> Optional<T> first(Connection connection, Binder binder, Row<T> row) throws SQLException {
        return read(connection, 0, binder, rows -> rows.next() ? Optional.of(row.read(rows)) : Optional.empty());
    }

    /** All rows. */
    public <T> List<T> list(Handle handle, Binder binder, Row<T> row) {
        try {
            return list(handle.getConnection(), binder, row);
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    /** All rows. */
    public <T> List<T> list(Connection connection, Binder binder, Row<T> row) throws SQLException {
        return read(connection, 0, binder, rows -> {
            var list = new ArrayList<T>();
            while (rows.next()) {
                list.add(row.read(rows));
            }
            return list;
        });
    }

    /**
     * Has the rows read by one reader.
     *
     * @param portion how many rows are fetched at a time, within a transaction; 0: all
     */
    public <T> T read(Connection connection, int portion, Binder binder, Row<T> all) throws SQLException {
        try (var statement = prepare(connection, binder)) {
            statement.setFetchSize(portion);
            try (var rows = statement.executeQuery()) {
                return all.read(rows);
            }
        }
    }

    /** Executes a change; returns how many rows it changed. */
    public int update(Handle handle, Binder binder) {
        try {
            return update(handle.getConnection(), binder);
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    /** Executes a change; returns how many rows it changed. */
    public int update(Connection connection, Binder binder) throws SQLException {
        try (var statement = prepare(connection, binder)) {
            return statement.executeUpdate();
        }
    }

    private PreparedStatement prepare(Connection connection, Binder binder) throws SQLException {
        var statement = connection.prepareStatement(text);
        try {
            binder.bind(new Parameters(statement));
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }

    /** The database refused the statement or could not be reached. */
    public static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(SQLException cause) {
            super(cause.getMessage(), cause);
        }
    }
}
