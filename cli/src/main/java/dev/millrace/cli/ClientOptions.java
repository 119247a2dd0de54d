package dev.millrace.cli;

import dev.millrace.client.AccountClient;
import dev.millrace.client.MillraceClient;
import dev.millrace.server.encryption.KeyFile;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** The options that select a running server and the key to use. */
final class ClientOptions {
    private static final String USUAL = "http://localhost:3003";
    private static final List<String> SCHEMES = List.of("http", "https");
    private static final String ACCOUNT = "account";

    private final Map<String, String> environment;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "URL of the server (MILLRACE_URL, default " + USUAL + ").")
    private @Nullable String url;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The server's data folder, which contains its first keys (MILLRACE_DATA, default as for"
                    + " 'millrace up').")
    private @Nullable Path data;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    ClientOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    private URI server() {
        var text = url == null ? environment.getOrDefault("MILLRACE_URL", USUAL) : url;
        try {
            var uri = new URI(text);
            if (SCHEMES.contains(String.valueOf(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException _) {
            // The exception below has a better message.
        }
        throw new UserError(
                "'" + text + "' is not the URL of a server: write --url " + USUAL + " or set MILLRACE_URL.");
    }

    /** A client with the account key: from the environment variable, else from the data folder. */
    AccountClient account() {
        var key = given("MILLRACE_ACCOUNT_KEY")
                .or(() -> kept(ACCOUNT))
                .orElseThrow(() -> new UserError("There is no account key: set MILLRACE_ACCOUNT_KEY, or name the data"
                        + " folder of the first server with --data (" + keys().resolve(ACCOUNT + ".key")
                        + " is not there)."));
        return AccountClient.of(server(), key);
    }

    /** A client with an API key of an environment: from the environment variable, else from the data folder. */
    MillraceClient environment(String name) {
        var key = given("MILLRACE_KEY")
                .or(() -> kept(name))
                .orElseThrow(() -> new UserError("There is no API key of the environment '" + name
                        + "': set MILLRACE_KEY, or name the data folder of the first server with --data ("
                        + keys().resolve(name + ".key") + " is not there)."));
        return MillraceClient.of(server(), key);
    }

    private Optional<String> given(String variable) {
        return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isBlank());
    }

    private Optional<String> kept(String name) {
        return new KeyFile(keys().resolve(name + ".key")).read();
    }

    private Path keys() {
        var folder = Optional.ofNullable(data).or(() -> given("MILLRACE_DATA").map(Path::of));
        return folder.map(path -> path.toAbsolutePath().normalize())
                .orElseGet(() -> Folders.data(environment))
                .resolve("keys");
    }

    /** The id of an environment that exists. */
    static UUID id(AccountClient account, String name) {
        return account.environment(name)
                .map(found -> UUID.fromString(found.get("uuid").stringValue()))
                .orElseThrow(() -> new UserError("There is no environment called '" + name + "'. There are: "
                        + account.environments().stream()
                                .map(known -> known.get("name").stringValue())
                                .toList()));
    }

    /** Prints JSON if requested, otherwise the lines. */
    void print(JsonNode node, List<String> lines) {
        PrintWriter out = Injected.value(command).commandLine().getOut();
        if (json) {
            out.println(node.toPrettyString());
        } else {
            lines.forEach(out::println);
        }
        out.flush();
    }
}
