package dev.millrace.cli;

import dev.millrace.server.config.Config;
import dev.millrace.server.delivery.DeliveryConfig;
import dev.millrace.server.function.js.RuntimeConfig;
import dev.millrace.server.function.js.RuntimeConfig.PoolLimits;
import dev.millrace.server.function.js.RuntimeConfig.WorkerLimits;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.http.HttpLimits;
import dev.millrace.server.outbound.Limits;
import dev.millrace.server.outbound.OutboundConfig;
import dev.millrace.server.outbound.Reach;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The settings of the server, each a flag and an environment variable. */
final class ServerOptions {
    private static final long MEGABYTE = 1024L * 1024;

    private final Map<String, String> environment;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "3003",
            description = "Port to listen on, 0 for a free one (MILLRACE_PORT, default 3003).")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            defaultValue = "127.0.0.1",
            description = "Address to listen on, 0.0.0.0 for all (MILLRACE_HOST, default 127.0.0.1).")
    private String host = "";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder for the embedded database and keys (MILLRACE_DATA, default /var/lib/millrace for root,"
                            + " $$XDG_DATA_HOME/millrace or ~/.local/share/millrace for others).")
    private @Nullable Path data;

    @Option(
            names = "--database-url",
            paramLabel = "URL",
            description = "Your own PostgreSQL 15 or newer instead of the embedded one,"
                    + " postgres://user:password@host/name (DATABASE_URL).")
    private @Nullable String databaseUrl;

    @Option(
            names = "--providers",
            paramLabel = "FILE|DIR",
            description =
                    "Provider definitions (YAML) that add to or replace the built-in ones, in this order; may be repeated"
                            + " (MILLRACE_PROVIDERS, several separated by ':').")
    private List<String> providers = new ArrayList<>();

    @Option(
            names = "--allow-loopback",
            description = "Allow calls to this machine's loopback addresses, short for --allow-network"
                    + " 127.0.0.0/8,::1/128 (MILLRACE_ALLOW_LOOPBACK=true).")
    private boolean allowLoopback;

    @Option(
            names = "--allow-network",
            paramLabel = "CIDR",
            split = ",",
            description = "Allow calls to addresses that are forbidden by default, such as 10.0.0.0/8; may be"
                    + " repeated (MILLRACE_ALLOW_NETWORK, several separated by ',').")
    private List<String> allowedNetworks = new ArrayList<>();

    @Option(
            names = "--deny-network",
            paramLabel = "CIDR",
            split = ",",
            description = "Forbid calls to these addresses, whatever else is allowed; may be repeated"
                    + " (MILLRACE_DENY_NETWORK, several separated by ',').")
    private List<String> deniedNetworks = new ArrayList<>();

    @Option(
            names = "--allow-host",
            paramLabel = "NAME",
            split = ",",
            description = "Allow calls to this host whatever its address is, .corp.example for all subdomains; may be"
                    + " repeated (MILLRACE_ALLOW_HOST, several separated by ',').")
    private List<String> allowedHosts = new ArrayList<>();

    @Option(
            names = {"--encryption-keys", "--encryption-key"},
            paramLabel = "ID:KEY,...",
            description = "Keys that encrypt stored data, newest first: id:base64 of 32 bytes each, or base64 alone"
                    + " for the key 1 (MILLRACE_ENCRYPTION_KEYS or MILLRACE_ENCRYPTION_KEY, default: one is created and"
                    + " kept in the data folder; 'millrace keys rotate' changes it).")
    private @Nullable String encryptionKeys;

    @Option(
            names = "--account-key",
            paramLabel = "UUID",
            description = "Key that manages environments and API keys, a random UUID (MILLRACE_ACCOUNT_KEY; by default"
                    + " one is created and kept in the data folder).")
    private @Nullable String accountKey;

    @Option(
            names = "--public-url",
            paramLabel = "URL",
            description = "How clients reach this server, for links and callbacks (MILLRACE_PUBLIC_URL,"
                    + " default its own address).")
    private @Nullable String publicUrl;

    @Option(
            names = "--dashboard",
            paramLabel = "on|off",
            defaultValue = "on",
            description =
                    "Whether the dashboard is served, for people with its password (MILLRACE_DASHBOARD, default on).")
    private String dashboard = "";

    @Option(
            names = "--body-limit",
            paramLabel = "MB",
            defaultValue = "75",
            description = "Largest request body in megabytes (MILLRACE_BODY_LIMIT, default 75).")
    private int bodyLimit;

    @Option(
            names = "--body-memory",
            paramLabel = "MB",
            defaultValue = "0",
            description = "Memory for parsing large request bodies, in megabytes; bodies that exceed it"
                    + " are answered with 503 (MILLRACE_BODY_MEMORY, default a third of the heap, at most 1024).")
    private int bodyMemory;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "PEM file of the server's certificate with its chain, reloaded when"
                    + " it changes (MILLRACE_TLS_CERT, default none: plain HTTP).")
    private @Nullable Path tlsCert;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "PEM file of the certificate's private key (MILLRACE_TLS_KEY).")
    private @Nullable Path tlsKey;

    @Option(
            names = "--trusted-proxy",
            paramLabel = "ADDRESS[/BITS],...",
            split = ",",
            description = "Proxies whose X-Forwarded-* and Forwarded headers are trusted; those of others are dropped"
                    + " (MILLRACE_TRUSTED_PROXY).")
    private List<String> trustedProxies = new ArrayList<>();

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            defaultValue = "20",
            description =
                    "Seconds that requests and runs may continue after a stop signal (MILLRACE_GRACE, default 20).")
    private int grace;

    @Option(
            names = "--node",
            paramLabel = "FILE",
            description = "Node.js 26 or newer that runs functions (MILLRACE_NODE, default: the one installed with"
                    + " the worker, else 'node' on the PATH).")
    private @Nullable Path node;

    @Option(
            names = "--runtime",
            paramLabel = "DIR",
            description = "The worker's installed npm project (MILLRACE_RUNTIME, default: runtime/ of this"
                    + " installation).")
    private @Nullable Path runtime;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "2",
            description = "Maximum number of worker processes per environment (MILLRACE_WORKERS, default 2).")
    private int workers;

    @Option(
            names = "--worker-heap",
            paramLabel = "MB",
            defaultValue = "512",
            description = "Heap limit of a worker in megabytes (MILLRACE_WORKER_HEAP, default 512).")
    private int workerHeap;

    @Option(
            names = "--worker-memory",
            paramLabel = "MB",
            defaultValue = "0",
            description = "Limit of a worker's whole memory in megabytes, Buffers included (MILLRACE_WORKER_MEMORY,"
                    + " default twice the heap plus 512).")
    private int workerMemory;

    @Option(
            names = "--worker-executions",
            paramLabel = "N",
            defaultValue = "600",
            description =
                    "Maximum executions in a worker at a time; others wait (MILLRACE_WORKER_EXECUTIONS, default 600).")
    private int workerExecutions;

    @Option(names = "--https-proxy", paramLabel = "URL", description = "Proxy for all outgoing calls (HTTPS_PROXY).")
    private @Nullable String httpsProxy;

    @Option(
            names = "--no-proxy",
            paramLabel = "HOST,...",
            split = ",",
            description = "Hosts, and their subdomains, reached without the proxy (NO_PROXY).")
    private List<String> noProxy = new ArrayList<>();

    @Option(
            names = "--retryable-network-errors",
            paramLabel = "CODE,...",
            split = ",",
            description =
                    "Network errors after which a call with retries is repeated, besides ECONNRESET, ETIMEDOUT and"
                            + " similar ones; for example ENOTFOUND (NANGO_RETRYABLE_NETWORK_ERRORS).")
    private List<String> retryableErrors = new ArrayList<>();

    @Option(
            names = "--extra-ca-certs",
            paramLabel = "FILE",
            description = "PEM file with additional trusted certificate authorities" + " (MILLRACE_EXTRA_CA_CERTS).")
    private @Nullable Path extraCaCerts;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "INFO",
            description = "ERROR, WARN, INFO, DEBUG or TRACE (MILLRACE_LOG_LEVEL, default INFO).")
    private String logLevel = "";

    ServerOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    /** The port from the command line or the environment variable. */
    int port() {
        return port;
    }

    /** The settings, all validated together. */
    Config config() {
        var check = new SettingsCheck(environment);
        var config = new Config(
                http(check),
                dataFolder(),
                check.databaseUrl(databaseUrl),
                check.providers(providers),
                outbound(check),
                runtime(check),
                check.encryptionKeys(encryptionKeys),
                check.environmentKeys(),
                check.accountKey(accountKey),
                check.url("--public-url", publicUrl).map(Object::toString),
                DeliveryConfig.DEFAULT,
                check.isOn("--dashboard", dashboard));
        System.setProperty("millrace.log.level", check.logLevel(logLevel));
        var problems = check.problems();
        if (!problems.isEmpty()) {
            var spec = command;
            if (spec == null) {
                throw new IllegalStateException("these options belong to no command");
            }
            throw new ParameterException(spec.commandLine(), String.join(System.lineSeparator(), problems));
        }
        return config;
    }

    private Path dataFolder() {
        return data == null ? Folders.data(environment) : data.toAbsolutePath().normalize();
    }

    /** Uses another data folder unless the user has set one. */
    void dataUnlessGiven(String below) {
        if (data == null) {
            data = Folders.data(environment).resolve(below);
        }
    }

    /** Allows functions and the proxy to call this machine, whatever the user has set. */
    void allowLoopback() {
        allowLoopback = true;
    }

    /** Ignores a public URL: the sample CRM sends people back to this machine only. */
    void noPublicUrl() {
        publicUrl = null;
    }

    /** Definitions below those that the user names. */
    void addProviders(Path definitions) {
        var all = new ArrayList<>(List.of(definitions.toString()));
        all.addAll(providers);
        providers = all;
    }

    private HttpConfig http(SettingsCheck check) {
        var memory = check.number("--body-memory", bodyMemory, 0, 1 << 20) * MEGABYTE;
        return new HttpConfig(
                host,
                check.number("--port", port, 0, 65535),
                check.number("--body-limit", bodyLimit, 1, 2047) * MEGABYTE,
                Duration.ofSeconds(check.number("--grace", grace, 0, 3600)),
                check.tls(tlsCert, tlsKey),
                check.networks("--trusted-proxy", trustedProxies),
                memory == 0 ? HttpLimits.USUAL : HttpLimits.USUAL.withBodyMemory(memory));
    }

    private OutboundConfig outbound(SettingsCheck check) {
        var hosts =
                noProxy.stream().map(String::strip).filter(h -> !h.isEmpty()).toList();
        var reach = new Reach(
                check.networks("--allow-network", allowedNetworks),
                check.networks("--deny-network", deniedNetworks),
                check.hosts("--allow-host", allowedHosts));
        return new OutboundConfig(
                allowLoopback ? reach.withLoopback() : reach,
                check.proxy(httpsProxy),
                hosts,
                check.codes("--retryable-network-errors", retryableErrors),
                check.file("--extra-ca-certs", extraCaCerts),
                Limits.USUAL);
    }

    private RuntimeConfig runtime(SettingsCheck check) {
        var directory = check.runtime(Optional.ofNullable(runtime).orElseGet(Folders::runtime));
        var program = check.file("--node", node).orElseGet(() -> Folders.node(directory, environment));
        var limits = WorkerLimits.ofHeap(check.number("--worker-heap", workerHeap, 32, 65536));
        if (workerMemory != 0) {
            limits = limits.withMemory(check.number("--worker-memory", workerMemory, workerHeap, 262144));
        }
        var pool = PoolLimits.USUAL
                .withWorkers(check.number("--workers", workers, 1, 256))
                .withConcurrent(check.number("--worker-executions", workerExecutions, 1, 10_000));
        return new RuntimeConfig(program, directory, pool, limits);
    }
}
