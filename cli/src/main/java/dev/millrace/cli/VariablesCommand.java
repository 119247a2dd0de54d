package dev.millrace.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;

/** Manages the variables that functions of an environment read. */
@Command(
        name = "variables",
        description = "Lists, sets and removes the variables that functions read.",
        synopsisSubcommandLabel = "COMMAND")
final class VariablesCommand implements Runnable {
    private static final String DEFAULT = "dev";

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Injected.value(spec).commandLine(), "Add a command: 'list', 'set NAME=VALUE...' or 'unset NAME...'.");
    }

    @Command(name = "list", description = "Prints the variables as NAME=VALUE.")
    void list(
            @Mixin ClientOptions options,
            @Option(
                            names = "--env",
                            paramLabel = "ENV",
                            defaultValue = DEFAULT,
                            description = "The environment, unless MILLRACE_KEY is set (default " + DEFAULT + ").")
                    String environment) {
        try (var client = options.environment(environment)) {
            print(options, client.variables());
        }
    }

    @Command(name = "set", description = "Sets variables; the others stay as they are.")
    void set(
            @Mixin ClientOptions options,
            @Option(names = "--env", paramLabel = "ENV", defaultValue = DEFAULT, description = "Which environment.")
                    String environment,
            @Parameters(paramLabel = "NAME=VALUE", arity = "1..*") List<String> assignments) {
        var changes = new LinkedHashMap<String, Optional<String>>();
        for (var assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new UserError("'" + assignment + "' is not an assignment: write NAME=VALUE.");
            }
            changes.put(assignment.substring(0, equals), Optional.of(assignment.substring(equals + 1)));
        }
        change(options, environment, changes, "Set ");
    }

    @Command(name = "unset", description = "Removes variables.")
    void unset(
            @Mixin ClientOptions options,
            @Option(names = "--env", paramLabel = "ENV", defaultValue = DEFAULT, description = "Which environment.")
                    String environment,
            @Parameters(paramLabel = "NAME", arity = "1..*") List<String> names) {
        var changes = new LinkedHashMap<String, Optional<String>>();
        names.forEach(name -> changes.put(name, Optional.empty()));
        change(options, environment, changes, "Removed ");
    }

    /** Prints only the names, because values may be secrets. */
    private static void change(
            ClientOptions options, String environment, Map<String, Optional<String>> changes, String done) {
        try (var client = options.environment(environment)) {
            client.changeVariables(changes);
        }
        options.print(
                JsonNodeFactory.instance.objectNode().put("success", true),
                List.of(done + String.join(", ", changes.keySet()) + "."));
    }

    private static void print(ClientOptions options, Map<String, String> variables) {
        var json = JsonNodeFactory.instance.objectNode();
        variables.forEach(json::put);
        options.print(
                json,
                variables.entrySet().stream()
                        .map(variable -> variable.getKey() + "=" + variable.getValue())
                        .toList());
    }
}
