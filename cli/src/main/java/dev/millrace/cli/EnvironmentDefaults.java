package dev.millrace.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Sets options that are not on the command line from environment variables; an empty variable counts as unset. */
final class EnvironmentDefaults implements IDefaultValueProvider {
    private static final Map<String, List<String>> VARIABLES = Map.ofEntries(
            Map.entry("--port", List.of("MILLRACE_PORT")),
            Map.entry("--host", List.of("MILLRACE_HOST")),
            Map.entry("--data", List.of("MILLRACE_DATA")),
            Map.entry("--database-url", List.of("DATABASE_URL")),
            Map.entry("--providers", List.of("MILLRACE_PROVIDERS")),
            Map.entry("--allow-loopback", List.of("MILLRACE_ALLOW_LOOPBACK")),
            Map.entry("--allow-network", List.of("MILLRACE_ALLOW_NETWORK")),
            Map.entry("--deny-network", List.of("MILLRACE_DENY_NETWORK")),
            Map.entry("--allow-host", List.of("MILLRACE_ALLOW_HOST")),
            Map.entry("--encryption-keys", List.of("MILLRACE_ENCRYPTION_KEYS", "MILLRACE_ENCRYPTION_KEY")),
            Map.entry("--account-key", List.of("MILLRACE_ACCOUNT_KEY")),
            Map.entry("--public-url", List.of("MILLRACE_PUBLIC_URL")),
            Map.entry("--dashboard", List.of("MILLRACE_DASHBOARD")),
            Map.entry("--body-limit", List.of("MILLRACE_BODY_LIMIT")),
            Map.entry("--body-memory", List.of("MILLRACE_BODY_MEMORY")),
            Map.entry("--tls-cert", List.of("MILLRACE_TLS_CERT")),
            Map.entry("--tls-key", List.of("MILLRACE_TLS_KEY")),
            Map.entry("--trusted-proxy", List.of("MILLRACE_TRUSTED_PROXY")),
            Map.entry("--grace", List.of("MILLRACE_GRACE")),
            Map.entry("--node", List.of("MILLRACE_NODE")),
            Map.entry("--runtime", List.of("MILLRACE_RUNTIME")),
            Map.entry("--workers", List.of("MILLRACE_WORKERS")),
            Map.entry("--worker-heap", List.of("MILLRACE_WORKER_HEAP")),
            Map.entry("--worker-memory", List.of("MILLRACE_WORKER_MEMORY")),
            Map.entry("--worker-executions", List.of("MILLRACE_WORKER_EXECUTIONS")),
            Map.entry("--https-proxy", List.of("HTTPS_PROXY", "https_proxy")),
            Map.entry("--no-proxy", List.of("NO_PROXY", "no_proxy")),
            Map.entry("--retryable-network-errors", List.of("NANGO_RETRYABLE_NETWORK_ERRORS")),
            Map.entry("--extra-ca-certs", List.of("MILLRACE_EXTRA_CA_CERTS")),
            Map.entry("--log-level", List.of("MILLRACE_LOG_LEVEL")));

    private final Map<String, String> environment;

    EnvironmentDefaults(Map<String, String> environment) {
        this.environment = environment;
    }

    /** All variables that set an option. */
    static List<String> all() {
        return VARIABLES.values().stream().map(List::getFirst).toList();
    }

    /** The variables that set an option; the first non-empty one wins. */
    static List<String> variables(String option) {
        return VARIABLES.getOrDefault(option, List.of());
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || !(argument.command().userObject() instanceof ServerCommand)) {
            return null;
        }
        return variables(option.longestName()).stream()
                .map(environment::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst()
                .orElse(null);
    }
}
