package dev.millrace.server.proxy;

import dev.millrace.server.credential.ApiKey;
import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Providers;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The cost of building a provider call from its definition: base URL, query and headers with placeholders. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RequestBenchmark {
    private final InstantSource clock = InstantSource.system();
    private final Call call = Call.to("GET", "/contacts?limit=100")
            .headers(Map.of("x-request-id", "1"))
            .build();
    private final Target target = new Target(
            Providers.load(List.of()).find("private-api-bearer").orElseThrow(),
            new ApiKey("bench-secret"),
            Json.object(),
            Json.object(),
            Json.object().put("baseUrl", "https://api.example.com/v1"),
            Optional.empty(),
            Optional.empty());

    @Benchmark
    public Object build() {
        return RequestBuilder.build(call, target, clock);
    }
}
