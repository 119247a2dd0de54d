package dev.millrace.cli;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.config.Config;
import dev.millrace.server.network.Network;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SettingsTest {
    private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();

    @BeforeEach
    void make_a_worker() throws Exception {
        Files.writeString(folder.resolve("package.json"), "{}");
    }

    @Test
    void the_documentation_names_every_variable() throws Exception {
        var documentation = Files.readString(Path.of("../docs/guides/settings.md"))
                + Files.readString(Path.of("../docs/guides/security-of-functions.md"));

        assertThat(documentation).contains(EnvironmentDefaults.all());
    }

    @Test
    void flags_override_the_environment_which_overrides_the_defaults() throws Exception {
        var ca = Files.writeString(folder.resolve("ca.pem"), "x");
        var environment = Map.ofEntries(
                entry("MILLRACE_PORT", "4000"),
                entry("MILLRACE_HOST", "0.0.0.0"),
                entry("MILLRACE_TRUSTED_PROXY", "10.0.0.7, 192.168.0.0/16"),
                entry("MILLRACE_BODY_MEMORY", "64"),
                entry("MILLRACE_DATA", folder.resolve("data").toString()),
                entry("MILLRACE_PROVIDERS", folder + ":" + ca),
                entry("MILLRACE_ALLOW_LOOPBACK", "true"),
                entry("MILLRACE_ALLOW_NETWORK", "10.0.0.0/8,fd00::/8"),
                entry("MILLRACE_ALLOW_HOST", "CRM.internal, *.corp.example"),
                entry("https_proxy", "proxy.local:3128"),
                entry("NO_PROXY", "localhost, internal.local"),
                entry("NANGO_RETRYABLE_NETWORK_ERRORS", "ENOTFOUND, EPIPE"),
                entry("MILLRACE_EXTRA_CA_CERTS", ca.toString()),
                entry("NANGO_SECRET_KEY_DEV", "5C2D8B6E-0F44-4D8A-9A3C-2B1F5E7D9C10"),
                entry("MILLRACE_WORKERS", ""));

        var config = config(environment, "--port", "5000", "--encryption-key", KEY, "--deny-network", "10.9.0.0/16");

        assertThat(config.http().port()).isEqualTo(5000);
        assertThat(config.http().host()).isEqualTo("0.0.0.0");
        assertThat(config.http().trustedProxies()).hasToString("[10.0.0.7/32, 192.168.0.0/16]");
        assertThat(config.http().limits().bodyMemory()).isEqualTo(64 * 1024 * 1024);
        assertThat(config.data()).isEqualTo(folder.resolve("data"));
        assertThat(config.providers()).containsExactly(folder, ca);
        assertThat(config.outbound().reach().allowed())
                .containsExactly(
                        Network.parse("10.0.0.0/8"),
                        Network.parse("fd00::/8"),
                        Network.parse("127.0.0.0/8"),
                        Network.parse("::1/128"));
        assertThat(config.outbound().reach().denied()).containsExactly(Network.parse("10.9.0.0/16"));
        assertThat(config.outbound().reach().hosts()).containsExactly("crm.internal", ".corp.example");
        assertThat(config.outbound().httpsProxy()).hasValue(URI.create("http://proxy.local:3128"));
        assertThat(config.outbound().noProxy()).containsExactly("localhost", "internal.local");
        assertThat(config.outbound().retryableErrors()).containsExactlyInAnyOrder("ENOTFOUND", "EPIPE");
        assertThat(config.outbound().extraCaCerts()).hasValue(ca);
        assertThat(config.environmentKeys()).containsExactly(Map.entry("dev", "5c2d8b6e-0f44-4d8a-9a3c-2b1f5e7d9c10"));
        assertThat(config.runtime().pool().workers()).isEqualTo(2);
        assertThat(config.encryptionKeys()).hasValue(KEY);
    }

    @Test
    void all_faults_are_reported_at_once_with_their_remedies() {
        int status = execute(
                Map.of("MILLRACE_WORKERS", "0", "NANGO_SECRET_KEY_PROD", "not-a-uuid"),
                "up",
                "--port",
                "70000",
                "--database-url",
                "mysql://secret@host/x",
                "--encryption-key",
                "short",
                "--providers",
                "/no/such/file",
                "--public-url",
                "ftp://x",
                "--https-proxy",
                "http://user:pass word@proxy",
                "--allow-network",
                "10.0.0.1/8",
                "--deny-network",
                "intern",
                "--allow-host",
                "http://crm.internal",
                "--retryable-network-errors",
                "not found",
                "--trusted-proxy",
                "10.0.0.0/99",
                "--tls-cert",
                folder.resolve("package.json").toString(),
                "--tls-key",
                folder.resolve("package.json").toString(),
                "--log-level",
                "loud");

        assertThat(status).isEqualTo(2);
        assertThat(err.toString())
                .contains("Invalid value '70000' for --port (MILLRACE_PORT): choose a number from 0 to 65535.")
                .contains("--database-url (DATABASE_URL)")
                .contains("openssl rand -base64 32")
                .contains("'/no/such/file' for --providers")
                .contains("'ftp://x' for --public-url")
                .contains("'loud' for --log-level")
                .contains("'not found' for --retryable-network-errors (NANGO_RETRYABLE_NETWORK_ERRORS)")
                .contains("'10.0.0.0/99' for --trusted-proxy (MILLRACE_TRUSTED_PROXY)")
                .contains("package.json' for --tls-cert (MILLRACE_TLS_CERT)")
                .contains("'0' for --workers (MILLRACE_WORKERS)")
                .contains("NANGO_SECRET_KEY_PROD")
                .contains("--help")
                .contains("'***' for --https-proxy (HTTPS_PROXY): write it as http://host:port")
                .contains("'10.0.0.1/8' for --allow-network (MILLRACE_ALLOW_NETWORK)", "write 10.0.0.0/8 instead")
                .contains("'intern' for --deny-network")
                .contains("'http://crm.internal' for --allow-host (MILLRACE_ALLOW_HOST): write a name")
                .doesNotContain("secret@", "not-a-uuid", "pass word");
    }

    @Test
    void encryption_keys_may_be_several_by_either_name() throws Exception {
        var two = "2:" + KEY.replace('A', 'B').replace("B=", "A=") + ",1:" + KEY;

        assertThat(config(Map.of("MILLRACE_ENCRYPTION_KEYS", two)).encryptionKeys())
                .hasValue(two);
        assertThat(config(Map.of("MILLRACE_ENCRYPTION_KEY", KEY)).encryptionKeys())
                .hasValue(KEY);
        assertThat(execute(Map.of("MILLRACE_ENCRYPTION_KEYS", two, "MILLRACE_ENCRYPTION_KEY", KEY), "up"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("set only one of them").doesNotContain(KEY);
    }

    @Test
    void text_instead_of_a_number_is_reported_with_its_flag() {
        assertThat(execute(Map.of(), "up", "--port", "many")).isEqualTo(2);
        assertThat(err.toString()).contains("--port").contains("many").contains("MILLRACE_PORT");
    }

    @Test
    void an_unknown_command_or_flag_exits_with_status_2() {
        assertThat(execute(Map.of(), "upp")).isEqualTo(2);
        assertThat(err.toString()).contains("Did you mean: millrace up");
        assertThat(execute(Map.of(), "up", "--prot", "1")).isEqualTo(2);
        assertThat(err.toString()).contains("--prot");
    }

    @Test
    void the_help_names_every_flag_with_its_variable() {
        assertThat(execute(Map.of(), "up", "--help")).isZero();

        var help = out.toString();
        var command = Injected.value(Main.commandLine(Map.of()).getSubcommands().get("up"));
        assertThat(command.getCommandSpec().options()).hasSizeGreaterThan(15).allSatisfy(option -> {
            assertThat(help).contains(option.longestName());
            EnvironmentDefaults.variables(option.longestName()).stream()
                    .limit(1)
                    .forEach(variable -> assertThat(help).contains(variable));
        });
        assertThat(help).contains("NANGO_SECRET_KEY_");
    }

    @Test
    void a_port_in_use_is_reported_before_anything_starts() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var data = folder.resolve("data");
            int status = execute(
                    Map.of(),
                    "up",
                    "--port",
                    "" + taken.getLocalPort(),
                    "--data",
                    data.toString(),
                    "--host",
                    "127.0.0.1");

            assertThat(status).isEqualTo(1);
            assertThat(err.toString())
                    .contains("port " + taken.getLocalPort())
                    .contains("another program uses it")
                    .contains("--port")
                    .doesNotContain("\tat ");
            assertThat(data).doesNotExist();
        }
    }

    @Test
    void errors_in_provider_definitions_name_file_provider_and_key() throws Exception {
        var file = Files.writeString(folder.resolve("own.yaml"), """
                acme:
                    display_name: Acme
                    auth_mode: NOPE
                """);

        int status = execute(Map.of(), "providers", "check", file.toString());

        assertThat(status).isEqualTo(1);
        assertThat(out.toString()).contains(file + ": provider 'acme': auth_mode: 'NOPE' is none of");
        assertThat(err.toString()).doesNotContain("\tat ");
    }

    private int execute(Map<String, String> environment, String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        if (all.getFirst().equals("up")) {
            all.addAll(List.of("--runtime", folder.toString()));
        }
        return line(environment).execute(all.toArray(String[]::new));
    }

    private Config config(Map<String, String> environment, String... arguments) {
        var all = new ArrayList<>(List.of("up", "--runtime", folder.toString()));
        all.addAll(List.of(arguments));
        var parsed = line(environment).parseArgs(all.toArray(String[]::new));
        var options = (ServerOptions)
                Injected.value(parsed.subcommand().commandSpec().mixins().get("options"))
                        .userObject();
        return options.config();
    }

    private CommandLine line(Map<String, String> environment) {
        return Main.commandLine(environment)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setUsageHelpAutoWidth(false);
    }
}
