package dev.millrace.server.vault;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it costs to seal and to open a kilobyte: each record saved, each credential read. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class VaultBenchmark {
    private final byte[] plain = bytes(1024);
    private final Vault vault = new Vault(bytes(32));
    private final byte[] sealed = vault.seal(plain);

    private static byte[] bytes(int count) {
        var bytes = new byte[count];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    @Benchmark
    public byte[] seal() {
        return vault.seal(plain);
    }

    @Benchmark
    public byte[] open() {
        return vault.open(sealed);
    }
}
