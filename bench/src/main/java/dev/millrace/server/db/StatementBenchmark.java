package dev.millrace.server.db;

import dev.millrace.server.db.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a lookup by key costs through Jdbi, through {@link Sql}, and in a transaction with a setting of its own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class StatementBenchmark {
    private static final String LOOKUP = """
            SELECT id, environment_id, unique_key, provider
              FROM integration
             WHERE environment_id = :environment AND unique_key = :key AND deleted_at IS NULL
            """;
    private static final Sql HOT = Sql.of(LOOKUP);

    private static final Sql SETTING = Sql.of("SET LOCAL enable_seqscan = off");

    private final EmbeddedPostgres postgres;
    private final Database db;

    public StatementBenchmark() {
        try {
            postgres = EmbeddedPostgres.start(Files.createTempDirectory("statements"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        db = Database.open(new DatabaseConfig(postgres.url(), 4));
    }

    @TearDown
    public void close() throws Exception {
        db.close();
        postgres.close();
    }

    @Benchmark
    public Optional<String> jdbi() {
        return db.withHandle(handle -> handle.createQuery(LOOKUP)
                .bind("environment", 1L)
                .bind("key", "crm")
                .map((row, _) -> row.getString("provider"))
                .findOne());
    }

    @Benchmark
    public Optional<String> sql() {
        return db.first(HOT, p -> p.set("environment", 1L).set("key", "crm"), row -> row.getString("provider"));
    }

    @Benchmark
    public Optional<String> sqlWithSetting() {
        return db.inTransaction(handle -> {
            SETTING.update(handle, _ -> {});
            return HOT.first(handle, p -> p.set("environment", 1L).set("key", "crm"), row -> row.getString("provider"));
        });
    }
}
