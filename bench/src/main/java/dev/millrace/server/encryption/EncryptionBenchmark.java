package dev.millrace.server.encryption;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The cost of sealing and opening a kilobyte, as for each saved record and each read credential. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class EncryptionBenchmark {
    private final byte[] plain = bytes(1024);
    private final Encryption encryption = new Encryption(bytes(32));
    private final byte[] sealed = encryption.seal(plain);

    private static byte[] bytes(int count) {
        var bytes = new byte[count];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    @Benchmark
    public byte[] seal() {
        return encryption.seal(plain);
    }

    @Benchmark
    public byte[] open() {
        return encryption.open(sealed);
    }
}
