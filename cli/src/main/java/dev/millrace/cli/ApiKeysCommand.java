package dev.millrace.cli;

import dev.millrace.client.AccountClient;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Manages the API keys of an environment on a running server. */
@Command(
        name = "api",
        description = "Lists, creates, shows and deletes the API keys of an environment.",
        synopsisSubcommandLabel = "COMMAND")
final class ApiKeysCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Injected.value(spec).commandLine(),
                "Add a command: 'list ENV', 'create ENV NAME', 'show ENV NAME' or 'delete ENV NAME'.");
    }

    @Command(name = "list", description = "Lists the keys, without their secrets.")
    void list(@Mixin ClientOptions options, @Parameters(paramLabel = "ENV") String environment) {
        try (var account = options.account()) {
            var keys = account.apiKeys(ClientOptions.id(account, environment));
            options.print(
                    JsonNodeFactory.instance.arrayNode().addAll(keys),
                    keys.stream().map(ApiKeysCommand::line).toList());
        }
    }

    private static String line(JsonNode key) {
        var scopes = key.get("scopes").valueStream().map(JsonNode::stringValue).toList();
        return "%-24s  created %s  last used %s  %s"
                .formatted(
                        key.get("display_name").stringValue(),
                        key.get("created_at").stringValue(),
                        key.path("last_used_at").asString("never"),
                        String.join(" ", scopes));
    }

    @Command(name = "create", description = "Creates a key and prints its secret.")
    void create(
            @Mixin ClientOptions options,
            @Parameters(index = "0", paramLabel = "ENV") String environment,
            @Parameters(index = "1", paramLabel = "NAME", description = "Tells the key from the others.") String name,
            @Option(
                            names = "--scope",
                            paramLabel = "SCOPE",
                            description = "What it may do, such as environment:records:*; repeatable. Default: all.")
                    @Nullable
                    List<String> scopes) {
        try (var account = options.account()) {
            var id = ClientOptions.id(account, environment);
            var created = account.createApiKey(id, name, scopes == null ? List.of() : scopes);
            options.print(created, List.of(created.get("secret").stringValue()));
        }
    }

    @Command(name = "show", description = "Prints the secret of a key.")
    void show(
            @Mixin ClientOptions options,
            @Parameters(index = "0", paramLabel = "ENV") String environment,
            @Parameters(index = "1", paramLabel = "NAME") String name) {
        try (var account = options.account()) {
            var id = ClientOptions.id(account, environment);
            var key = account.apiKey(id, key(account, id, name));
            options.print(key, List.of(key.get("secret").stringValue()));
        }
    }

    @Command(name = "delete", description = "Deletes a key: from a second later on nobody can use it.")
    void delete(
            @Mixin ClientOptions options,
            @Parameters(index = "0", paramLabel = "ENV") String environment,
            @Parameters(index = "1", paramLabel = "NAME") String name) {
        try (var account = options.account()) {
            var id = ClientOptions.id(account, environment);
            account.deleteApiKey(id, key(account, id, name));
            options.print(JsonNodeFactory.instance.objectNode().put("success", true), List.of("Deleted " + name + "."));
        }
    }

    private static UUID key(AccountClient account, UUID environment, String name) {
        return account.apiKeys(environment).stream()
                .filter(key -> key.get("display_name").stringValue().equals(name))
                .findFirst()
                .map(key -> UUID.fromString(key.get("uuid").stringValue()))
                .orElseThrow(() -> new UserError("There is no API key called '" + name + "' in this environment."));
    }
}
