package dev.millrace.cli;

import dev.millrace.server.encryption.KeyRing;
import dev.millrace.server.encryption.KeysRefused;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.network.Network;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Validates settings and collects all errors, each with the value and the remedy. */
final class SettingsCheck {
    private static final String KEY_VARIABLE = "NANGO_SECRET_KEY_";
    private static final Pattern UUID_V4 =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    private static final Pattern DATABASE = Pattern.compile("(postgres|postgresql|jdbc:postgresql)://.+");
    private static final Pattern HOST = Pattern.compile("\\.?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final Pattern CODE = Pattern.compile("[A-Z][A-Z0-9_]+");
    private static final List<String> LEVELS = List.of("ERROR", "WARN", "INFO", "DEBUG", "TRACE");

    private final Map<String, String> environment;
    private final List<String> problems = new ArrayList<>();

    SettingsCheck(Map<String, String> environment) {
        this.environment = environment;
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    private void problem(String option, Object value, String remedy) {
        var variables = EnvironmentDefaults.variables(option);
        var names = variables.isEmpty() ? option : option + " (" + variables.getFirst() + ")";
        problems.add("Invalid value '" + value + "' for " + names + ": " + remedy);
    }

    int number(String option, int value, int least, int most) {
        if (value < least || value > most) {
            problem(option, value, "choose a number from " + least + " to " + most + ".");
        }
        return value;
    }

    boolean isOn(String option, String value) {
        if (!List.of("on", "off").contains(value)) {
            problem(option, value, "write on or off.");
        }
        return value.equals("on");
    }

    Optional<String> databaseUrl(@Nullable String value) {
        if (value != null && !isDatabaseUrl(value)) {
            // A database URL may contain a password, so the message does not repeat it.
            problem(
                    "--database-url",
                    "***",
                    "write it as postgres://user:password@host:5432/name; percent-encode special characters of the"
                            + " user and the password.");
        }
        return Optional.ofNullable(value);
    }

    private static boolean isDatabaseUrl(String value) {
        try {
            return DATABASE.matcher(value).matches() && (value.startsWith("jdbc:") || new URI(value).getHost() != null);
        } catch (URISyntaxException _) {
            return false;
        }
    }

    List<Path> providers(List<String> values) {
        var paths = values.stream()
                .flatMap(Pattern.compile(Pattern.quote(java.io.File.pathSeparator))::splitAsStream)
                .filter(value -> !value.isBlank())
                .map(value -> Path.of(value).toAbsolutePath().normalize())
                .toList();
        for (var path : paths) {
            if (!Files.isReadable(path)) {
                problem("--providers", path, "there is no such file or folder, or it cannot be read.");
            }
        }
        return paths;
    }

    Optional<Path> file(String option, @Nullable Path value) {
        if (value == null) {
            return Optional.empty();
        }
        var path = value.toAbsolutePath().normalize();
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            problem(option, value, "there is no such file, or it cannot be read.");
        }
        return Optional.of(path);
    }

    Optional<HttpConfig.Tls> tls(@Nullable Path certificate, @Nullable Path key) {
        if (certificate == null && key == null) {
            return Optional.empty();
        }
        var files = file("--tls-cert", certificate)
                .flatMap(cert -> file("--tls-key", key).map(k -> new HttpConfig.Tls(cert, k)));
        if (certificate == null || key == null) {
            problem(certificate == null ? "--tls-cert" : "--tls-key", "", "the certificate and its key go together.");
        } else {
            files.flatMap(HttpConfig.Tls::problem).ifPresent(text -> problem("--tls-cert", certificate, text));
        }
        return files;
    }

    Path runtime(Path value) {
        var path = value.toAbsolutePath().normalize();
        if (!Files.isRegularFile(path.resolve("package.json"))) {
            problem("--runtime", value, "the worker is missing; name the folder runtime/ of a Millrace installation.");
        }
        return path;
    }

    Optional<URI> url(String option, @Nullable String value) {
        if (value == null) {
            return Optional.empty();
        }
        var found = parsed(value);
        if (found.isEmpty()) {
            problem(option, value, "write it as http://host:port or https://host.");
        }
        return found;
    }

    private static Optional<URI> parsed(String value) {
        try {
            return Optional.of(new URI(value))
                    .filter(uri -> List.of("http", "https").contains(String.valueOf(uri.getScheme())))
                    .filter(uri -> uri.getHost() != null);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    List<Network> networks(String option, List<String> values) {
        var networks = new ArrayList<Network>();
        for (var value : values) {
            try {
                if (!value.isBlank()) {
                    networks.add(Network.parse(value));
                }
            } catch (IllegalArgumentException e) {
                problem(option, value, e.getMessage() + ".");
            }
        }
        return networks;
    }

    /** Only host names: addresses are configured as networks. */
    List<String> hosts(String option, List<String> values) {
        var hosts = values.stream()
                .map(value -> value.strip().replaceFirst("^\\*(?=\\.)", ""))
                .filter(value -> !value.isEmpty())
                .toList();
        for (var host : hosts) {
            if (!HOST.matcher(host).matches()) {
                problem(option, host, "write a name such as crm.internal, without scheme, port and path.");
            }
        }
        return hosts;
    }

    /** Error codes in the notation of Node.js. */
    Set<String> codes(String option, List<String> values) {
        var codes = new HashSet<String>();
        for (var value : values) {
            var code = value.strip();
            if (!code.isEmpty() && !CODE.matcher(code).matches()) {
                problem(option, code, "write codes such as ENOTFOUND, separated by commas.");
            } else if (!code.isEmpty()) {
                codes.add(code);
            }
        }
        return codes;
    }

    Optional<URI> proxy(@Nullable String value) {
        if (value == null) {
            return Optional.empty();
        }
        var found = parsed(value.contains("://") ? value : "http://" + value);
        if (found.isEmpty()) {
            // It may contain a password, so the message does not repeat it.
            problem(
                    "--https-proxy",
                    "***",
                    "write it as http://host:port or http://user:password@host:port, percent-encoded.");
        }
        return found;
    }

    Optional<String> encryptionKeys(@Nullable String value) {
        var variables = EnvironmentDefaults.variables("--encryption-keys").stream()
                .map(name -> environment.getOrDefault(name, "").strip())
                .filter(text -> !text.isEmpty())
                .distinct()
                .count();
        if (variables > 1) {
            problem(
                    "MILLRACE_ENCRYPTION_KEYS",
                    "***",
                    "MILLRACE_ENCRYPTION_KEY has a different value; set only one of them.");
        }
        if (value == null) {
            return Optional.empty();
        }
        try {
            KeyRing.parse(value);
        } catch (KeysRefused e) {
            problem("--encryption-keys", "***", String.valueOf(e.getMessage()));
        }
        return Optional.of(value);
    }

    String logLevel(String value) {
        var level = value.toUpperCase(Locale.ROOT);
        if (!LEVELS.contains(level)) {
            problem("--log-level", value, "choose one of " + String.join(", ", LEVELS) + ".");
        }
        return level;
    }

    /** API keys from variables that name an environment. */
    Map<String, String> environmentKeys() {
        var keys = new HashMap<String, String>();
        environment.forEach((name, value) -> {
            if (!name.startsWith(KEY_VARIABLE) || name.length() == KEY_VARIABLE.length() || value.isBlank()) {
                return;
            }
            var key = value.strip().toLowerCase(Locale.ROOT);
            if (!UUID_V4.matcher(key).matches()) {
                problem(name, "***", "a secret key is a UUID of version 4; make one with: uuidgen");
            }
            keys.put(name.substring(KEY_VARIABLE.length()).toLowerCase(Locale.ROOT), key);
        });
        return keys;
    }

    /** The key that manages environments. */
    Optional<String> accountKey(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return Optional.empty();
        }
        var key = text.strip().toLowerCase(Locale.ROOT);
        if (!UUID_V4.matcher(key).matches()) {
            problem("--account-key", "***", "an account key is a UUID of version 4; make one with: uuidgen");
        }
        return Optional.of(key);
    }
}
