package dev.millrace.cli;

import java.util.List;
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

/** Manages the environments of a running server. */
@Command(
        name = "env",
        description = "Lists, creates and deletes the environments of a running server.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "See also docs/guides/environments.md."})
final class EnvCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Injected.value(spec).commandLine(), "Add a command: 'list', 'create NAME' or 'delete NAME'.");
    }

    @Command(name = "list", description = "Lists the environments.")
    void list(@Mixin ClientOptions options) {
        try (var account = options.account()) {
            var all = account.environments();
            options.print(
                    JsonNodeFactory.instance.arrayNode().addAll(all),
                    all.stream().map(EnvCommand::line).toList());
        }
    }

    private static String line(JsonNode environment) {
        return "%-36s  %s%s"
                .formatted(
                        environment.get("uuid").stringValue(),
                        environment.get("name").stringValue(),
                        environment.path("is_production").asBoolean(false) ? "  (production)" : "");
    }

    @Command(name = "create", description = "Creates an environment. 'millrace keys api create' gives it an API key.")
    void create(
            @Mixin ClientOptions options,
            @Parameters(paramLabel = "NAME", description = "Lower-case letters, digits, '-' and '_'.") String name,
            @Option(names = "--production", description = "It cannot be deleted.") boolean production) {
        try (var account = options.account()) {
            var created = account.createEnvironment(name, production);
            options.print(created, List.of(line(created)));
        }
    }

    @Command(name = "delete", description = "Deletes an environment with its integrations, connections and records.")
    void delete(
            @Mixin ClientOptions options,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--yes", description = "Confirms the deletion, which cannot be undone.") boolean sure) {
        if (!sure) {
            throw new UserError(
                    "This deletes the environment '" + name + "' with its integrations, connections and records,"
                            + " and cannot be undone. Add --yes to delete it.");
        }
        try (var account = options.account()) {
            account.deleteEnvironment(ClientOptions.id(account, name));
            options.print(JsonNodeFactory.instance.objectNode().put("success", true), List.of("Deleted " + name + "."));
        }
    }
}
