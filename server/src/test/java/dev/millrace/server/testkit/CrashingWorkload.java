package dev.millrace.server.testkit;

import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/** Writers and long operations on the records that a crash interrupts. */
public interface CrashingWorkload {
    /** Has each author write its slices, beginning with a number, until one fails. */
    void write(long seed, List<Dataset> datasets, Map<String, Integer> firsts);

    void begin(LongOperation operation, Dataset dataset);

    /** Causes the crash; returns when none of these writes any more and the database answers again. */
    void crash() throws Exception;

    /** Whether the operation was reported as done. */
    boolean isDone(LongOperation operation);

    /** A server that is killed itself. */
    final class Server implements CrashingWorkload {
        private final StoreServer server;

        public Server(Path data, OwnPostgres postgres, StoreWriter.Report log) throws Exception {
            server = StoreServer.start(data, postgres.url(), log);
        }

        @Override
        public void write(long seed, List<Dataset> datasets, Map<String, Integer> firsts) {
            server.write(seed, datasets, firsts);
        }

        @Override
        public void begin(LongOperation operation, Dataset dataset) {
            server.begin(operation, dataset);
        }

        @Override
        public void crash() throws Exception {
            server.kill();
        }

        @Override
        public boolean isDone(LongOperation operation) {
            return server.isDone(operation);
        }
    }

    /** Threads whose PostgreSQL is killed, or one of its processes. */
    final class Threads implements CrashingWorkload {
        public interface Crash {
            void run() throws Exception;
        }

        private final Database db;
        private final Records records;
        private final StoreWriter.Report log;
        private final Crash crash;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final AtomicBoolean writing = new AtomicBoolean(true);
        private final Set<LongOperation> done = ConcurrentHashMap.newKeySet();

        public Threads(Path data, OwnPostgres postgres, StoreWriter.Report log, Crash crash) {
            db = Database.open(new DatabaseConfig(postgres.url(), 12));
            records = new Records(db, TestEncryption.of(data));
            this.log = log;
            this.crash = crash;
        }

        @Override
        public void write(long seed, List<Dataset> datasets, Map<String, Integer> firsts) {
            var writer = new StoreWriter(records, datasets, seed, log);
            firsts.forEach((author, first) -> threads.execute(() -> writer.write(author, first, writing::get)));
        }

        @Override
        public void begin(LongOperation operation, Dataset dataset) {
            threads.execute(() -> {
                try {
                    operation.on(records, dataset);
                    done.add(operation);
                } catch (RuntimeException e) {
                    log.failed(operation.name(), 0, String.valueOf(e.getMessage()));
                }
            });
        }

        @Override
        public void crash() throws Exception {
            crash.run();
            writing.set(false);
            threads.close();
            db.close();
        }

        @Override
        public boolean isDone(LongOperation operation) {
            return done.contains(operation);
        }
    }
}
