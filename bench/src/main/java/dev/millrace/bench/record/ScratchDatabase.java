package dev.millrace.bench.record;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.KeySource;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import dev.millrace.server.record.Writer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/** An empty database with the server's schema on the server's PostgreSQL, and the store's own code to write to it. */
final class ScratchDatabase implements AutoCloseable {
    private static final double NANOS = 1e9;

    private static final String FORGET = """
            SELECT pg_clear_attribute_stats(schemaname::text, tablename::text, attname::text, inherited)
              FROM pg_stats
             WHERE tablename IN ('record', 'dataset')
            """;

    private static final String STATE = """
            SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
                   (SELECT wal_fpi FROM pg_stat_wal),
                   coalesce(sum(pg_table_size(relid)), 0),
                   coalesce(sum(pg_indexes_size(relid)), 0),
                   coalesce(sum(n_tup_upd + n_tup_del), 0),
                   coalesce(sum(n_tup_hot_upd), 0)
              FROM pg_stat_user_tables
             WHERE (relname = 'limit_record') = ?
            """;

    private final MeasuredServer measured;
    private final String name;
    private final int sessions;
    private final Connection control;
    private final Database db;
    private final Encryption encryption;
    private final Records records;
    private long lastConnection;

    private ScratchDatabase(MeasuredServer measured, String name, int sessions) throws IOException, SQLException {
        var url = measured.subject().database();
        this.measured = measured;
        this.name = name;
        this.sessions = sessions;
        this.control = DriverManager.getConnection(in(url, name));
        this.db = Database.open(new DatabaseConfig(in(url, name), sessions));
        this.encryption = new Encryption(new KeySource(measured.subject().data(), Optional.empty())
                .read()
                .orElseThrow());
        this.records = new Records(db, encryption);
    }

    /** @param writers maximum number of concurrent writers */
    static ScratchDatabase make(MeasuredServer measured, String name, int writers) throws IOException, SQLException {
        execute(measured.subject().database(), "CREATE DATABASE " + name);
        var scratch = new ScratchDatabase(measured, name, writers + 1);
        for (var statement : Limit.CREATE) {
            scratch.execute(statement);
        }
        return scratch;
    }

    private static String in(String url, String database) {
        return url.replace("/postgres?", "/" + database + "?");
    }

    private static void execute(String url, String sql) throws SQLException {
        try (var session = DriverManager.getConnection(url);
                var statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    void execute(String sql) throws SQLException {
        try (var statement = control.createStatement()) {
            statement.execute(sql);
        }
    }

    /** A query with a single number as its result. */
    long ask(String sql) throws SQLException {
        try (var statement = control.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    Encryption encryption() {
        return encryption;
    }

    Records records() {
        return records;
    }

    /** Datasets without records. */
    List<Dataset> datasets(int count) {
        var fresh = new ArrayList<Dataset>();
        for (int i = 0; i < count; i++) {
            fresh.add(new Dataset(++lastConnection, "Item"));
        }
        return fresh;
    }

    /** Restores the initial state: no records and no statistics, which would affect query plans. */
    void clear() throws SQLException {
        execute("TRUNCATE record, dataset CASCADE");
        execute(FORGET);
    }

    /** Runs ANALYZE, then continues in new sessions, which have no cached plans. */
    void settle() throws SQLException {
        execute("ANALYZE record, dataset");
        db.dataSource().unwrap(HikariDataSource.class).getHikariPoolMXBean().softEvictConnections();
    }

    void clearLimit() throws SQLException {
        execute("TRUNCATE limit_record");
    }

    /** Has PostgreSQL copy rows; this process only sends the bytes. */
    Figures copy(Limit limit) throws IOException, SQLException, InterruptedException {
        return measure(true, limit.shape(), writer -> limit.write(db.dataSource(), writer));
    }

    /** Saves the batch of each writer into its dataset. */
    Figures save(Batch batch, Batch.Shape shape, List<Dataset> to)
            throws IOException, SQLException, InterruptedException {
        return measure(false, shape, writer -> {
            for (var slice : batch.byWriter().get(writer)) {
                records.save(to.get(writer), Writer.of(1), slice);
            }
        });
    }

    private interface Task {
        void run(int writer) throws SQLException;
    }

    /** A checkpoint comes first, so that the first change of each page writes a full page to the WAL for both sides. */
    private Figures measure(boolean limit, Batch.Shape shape, Task task)
            throws IOException, SQLException, InterruptedException {
        execute("CHECKPOINT");
        var before = usage(limit);
        double cpuBefore = measured.postgresCpu();
        double jvmBefore = jvmCpu();
        long began = System.nanoTime();
        together(shape.writers(), task);
        double seconds = (System.nanoTime() - began) / NANOS;
        double jvm = jvmCpu() - jvmBefore;
        double cpu = measured.postgresCpu() - cpuBefore;
        var grown = usage(limit).minus(before);
        return Figures.of(
                shape.total(),
                seconds,
                new Usage(
                        jvm,
                        cpu,
                        grown.wal(),
                        grown.images(),
                        grown.table(),
                        grown.indexes(),
                        grown.replaced(),
                        grown.hot()));
    }

    private static void together(int writers, Task task) throws InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = new ArrayList<Callable<Boolean>>();
            for (int number = 0; number < writers; number++) {
                int writer = number;
                work.add(() -> {
                    task.run(writer);
                    return true;
                });
            }
            for (var one : threads.invokeAll(work)) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a writer failed: " + e.getCause(), e);
        }
    }

    /** CPU seconds of this process. */
    static double jvmCpu() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / NANOS;
    }

    private Usage usage(boolean limit) throws SQLException {
        flush();
        try (var statement = control.prepareStatement(STATE)) {
            statement.setBoolean(1, limit);
            try (var row = statement.executeQuery()) {
                row.next();
                return new Usage(
                        0,
                        0,
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6));
            }
        }
    }

    /** Sessions report their statistics with a delay unless they are told to flush them. */
    private void flush() throws SQLException {
        var all = new ArrayList<Connection>();
        try {
            for (int i = 0; i < sessions; i++) {
                all.add(db.dataSource().getConnection());
            }
            for (var session : all) {
                try (var statement = session.createStatement()) {
                    statement.execute("SELECT pg_stat_force_next_flush()");
                }
            }
        } finally {
            for (var session : all) {
                session.close();
            }
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        db.close();
        control.close();
        execute(measured.subject().database(), "DROP DATABASE " + name + " WITH (FORCE)");
    }
}
