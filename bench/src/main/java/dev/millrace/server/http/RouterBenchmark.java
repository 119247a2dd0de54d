package dev.millrace.server.http;

import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The cost of finding the route of a request. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RouterBenchmark {
    private static final Route.Handler HANDLER = _ -> Response.ok(Json.object());

    private final Router router = new Router(Stream.of(
                    "/health",
                    "/records",
                    "/connections",
                    "/connections/metadata",
                    "/connections/{connectionId}",
                    "/integrations/{uniqueKey}",
                    "/proxy/{rest...}")
            .flatMap(pattern -> Stream.of(Route.get(pattern, HANDLER), Route.post(pattern, HANDLER)))
            .toList());

    @Benchmark
    public Object fixed() {
        return router.find("POST", "/connections/metadata");
    }

    @Benchmark
    public Object variable() {
        return router.find("GET", "/connections/customer-42");
    }

    @Benchmark
    public Object rest() {
        return router.find("GET", "/proxy/crm/v3/objects/contacts");
    }
}
