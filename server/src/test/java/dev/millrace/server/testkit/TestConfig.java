package dev.millrace.server.testkit;

import dev.millrace.server.config.Config;
import dev.millrace.server.delivery.DeliveryConfig;
import dev.millrace.server.function.js.PinnedNode;
import dev.millrace.server.function.js.RuntimeConfig;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.outbound.OutboundConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings of servers under test: any port, the worker of this checkout, the loopback allowed. */
public final class TestConfig {
    private static final Path RUNTIME = Path.of("../runtime").toAbsolutePath().normalize();

    /** Like the usual one, in fractions of its times. */
    static final DeliveryConfig DELIVERY = new DeliveryConfig(
            List.of(Duration.ofMillis(100), Duration.ofMillis(200)),
            List.of(Duration.ofMillis(150), Duration.ofMillis(300)),
            Duration.ofSeconds(2),
            8,
            new DeliveryConfig.Breaker(5, Duration.ofSeconds(10), Duration.ofSeconds(2)));

    private TestConfig() {}

    /** @param databaseUrl empty: a PostgreSQL of its own in the data folder */
    public static Config of(Path data, Optional<String> databaseUrl) {
        return of(data, databaseUrl, RUNTIME);
    }

    /** @param encryptionKeys instead of those in the data folder */
    public static Config of(Path data, Optional<String> databaseUrl, String encryptionKeys) {
        return of(data, databaseUrl, RUNTIME, List.of(), Optional.of(encryptionKeys));
    }

    public static Config of(Path data, Optional<String> databaseUrl, List<Path> providers) {
        return of(data, databaseUrl, RUNTIME, providers, Optional.empty());
    }

    public static Config of(Path data, Optional<String> databaseUrl, Path runtime) {
        return of(data, databaseUrl, runtime, List.of(), Optional.empty());
    }

    private static Config of(
            Path data,
            Optional<String> databaseUrl,
            Path runtime,
            List<Path> providers,
            Optional<String> encryptionKeys) {
        var node = PinnedNode.in(runtime)
                .orElseThrow(() -> new IllegalStateException(runtime + " has no Node: run install.sh there"));
        return new Config(
                new HttpConfig("127.0.0.1", 0, HttpConfig.DEFAULT_BODY_LIMIT, Duration.ofSeconds(2)),
                data,
                databaseUrl,
                providers,
                OutboundConfig.direct(true),
                RuntimeConfig.of(node, runtime),
                encryptionKeys,
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                DELIVERY,
                false);
    }

    /** The same with the dashboard. */
    public static Config withDashboard(Config config) {
        return new Config(
                config.http(),
                config.data(),
                config.databaseUrl(),
                config.providers(),
                config.outbound(),
                config.runtime(),
                config.encryptionKeys(),
                config.environmentKeys(),
                config.accountKey(),
                config.publicUrl(),
                config.delivery(),
                true);
    }
}
