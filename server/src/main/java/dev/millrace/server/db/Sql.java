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
 * A frequently executed statement whose named parameters are parsed once. Jdbi copies its configuration for every
 * statement, which costs more than a simple statement itself. Statements of every request use this class instead.
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

    /** Reads one row. */
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
    }

    /** The first row, if there is one. */
    public <T> Optional<T> first(Handle handle, Binder binder, Row<T> row) {
        return first(handle.getConnection(), binder, row);
    }

    <T> Optional<T> first(Connection connection, Binder binder, Row<T> row) {
        try (var statement = prepare(connection, binder);
                var rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(row.read(rows)) : Optional.empty();
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    /** Executes a change; returns how many rows it changed. */
    public int update(Handle handle, Binder binder) {
        return update(handle.getConnection(), binder);
    }

    int update(Connection connection, Binder binder) {
        try (var statement = prepare(connection, binder)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new Failed(e);
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
