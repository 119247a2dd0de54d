package dev.millrace.server.record;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The cost of parsing, checking and hashing a record of a kilobyte, with keys in order and not. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PayloadBenchmark {
    private static final String NOTE = "A record of the size that contacts and tickets usually have. ".repeat(12);

    private final PayloadReader reader = new PayloadReader(ChangePaths.NONE);
    private final byte[] sorted = """
            {"active":true,"address":{"city":"Riverside","country":"NL","street":"Mill Lane 7"},"amount":1234.5,\
            "email":"ada@example.com","id":"item-1","name":"Ada Mills","note":"%s","tags":["one","two","three"]}""".formatted(NOTE).getBytes(StandardCharsets.UTF_8);
    private final byte[] unsorted = """
            {"id":"item-1","name":"Ada Mills","email":"ada@example.com","amount":1234.5,"active":true,\
            "tags":["one","two","three"],"address":{"street":"Mill Lane 7","city":"Riverside","country":"NL"},\
            "note":"%s"}""".formatted(NOTE).getBytes(StandardCharsets.UTF_8);

    @Benchmark
    public byte[] sorted() {
        return reader.read(0, sorted).hash();
    }

    @Benchmark
    public byte[] unsorted() {
        return reader.read(0, unsorted).hash();
    }
}
