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

/** Those who write and tidy up until something dies under them. */
public interface Doomed {
    /** Has each author write its slices, beginning with a number, until one fails. */
    void write(long seed, List<Dataset> datasets, Map<String, Integer> firsts);

    void begin(Chore chore, Dataset dataset);

    /** What dies, dies; returns when nobody of these writes any more and the database is there. */
    void crash() throws Exception;

    /** Whether the chore was reported as done. */
    boolean isDone(Chore chore);

    /** A server that is killed itself. */
    public final class Server implements Doomed {
        private final StoreServer server;

        public Server(Path data, OwnPostgres postgres, StoreWriter.Report log) throws Exception {
            server = StoreServer.start(data, postgres.url(), log);
        }

        @Override
        public void write(long seed, List<Dataset> datasets, Map<String, Integer> firsts) {
            server.write(seed, datasets, firsts);
        }

        @Override
        public void begin(Chore chore, Dataset dataset) {
            server.begin(chore, dataset);
        }

        @Override
        public void crash() throws Exception {
            server.kill();
        }

        @Override
        public boolean isDone(Chore chore) {
            return server.isDone(chore);
        }
    }

    /** Threads whose database dies, or a part of it. */
    public final class Threads implements Doomed {
        public interface Mishap {
            void happen() throws Exception;
        }

        private final Database db;
        private final Records records;
        private final StoreWriter.Report log;
        private final Mishap mishap;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final AtomicBoolean writing = new AtomicBoolean(true);
        private final Set<Chore> done = ConcurrentHashMap.newKeySet();

        public Threads(Path data, OwnPostgres postgres, StoreWriter.Report log, Mishap mishap) {
            db = Database.open(new DatabaseConfig(postgres.url(), 12));
            records = new Records(db, TestEncryption.of(data));
            this.log = log;
            this.mishap = mishap;
        }

        @Override
        public void write(long seed, List<Dataset> datasets, Map<String, Integer> firsts) {
            var writer = new StoreWriter(records, datasets, seed, log);
            firsts.forEach((author, first) -> threads.execute(() -> writer.write(author, first, writing::get)));
        }

        @Override
        public void begin(Chore chore, Dataset dataset) {
            threads.execute(() -> {
                try {
                    chore.on(records, dataset);
                    done.add(chore);
                } catch (RuntimeException e) {
                    log.failed(chore.name(), 0, String.valueOf(e.getMessage()));
                }
            });
        }

        @Override
        public void crash() throws Exception {
            mishap.happen();
            writing.set(false);
            threads.close();
            db.close();
        }

        @Override
        public boolean isDone(Chore chore) {
            return done.contains(chore);
        }
    }
}
