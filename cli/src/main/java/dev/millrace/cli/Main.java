package dev.millrace.cli;

import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command line. */
@Command(
        name = "millrace",
        description = "An integration platform: connections, metadata, functions, records.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        subcommands = {
            UpCommand.class,
            DemoCommand.class,
            KeysCommand.class,
            DashboardCommand.class,
            EnvCommand.class,
            VariablesCommand.class,
            ProvidersCommand.class,
            SampleCrmCommand.class,
            WarmUpCommand.class
        },
        footer = {
            "",
            "Start with 'millrace demo', then use 'millrace up'.",
            "'millrace test' builds everything and runs all tests.",
            "'millrace COMMAND --help' shows the settings of a command."
        })
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        // Some locales use other digits than ASCII or other rules for upper and lower case.
        Locale.setDefault(Locale.ROOT);
        int status = commandLine(System.getenv()).execute(arguments);
        // Threads that still serve a worker or an idle connection must not delay the exit.
        System.exit(status);
    }

    static CommandLine commandLine(Map<String, String> environment) {
        var line = new CommandLine(new Main(), new Commands(environment));
        line.setDefaultValueProvider(new EnvironmentDefaults(environment));
        line.setParameterExceptionHandler(Main::badArguments);
        line.setExecutionExceptionHandler((e, command, _) -> failed(e, command));
        line.setUsageHelpAutoWidth(true);
        return line;
    }

    private static int badArguments(ParameterException e, String[] arguments) {
        var command = e.getCommandLine();
        var err = command.getErr();
        err.println(command.getColorScheme().errorText(e.getMessage() + origin(e)));
        CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        err.println("See '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    /** The invalid value may come from an environment variable. */
    private static String origin(ParameterException e) {
        if (!(e.getArgSpec() instanceof OptionSpec option)) {
            return "";
        }
        var variables = EnvironmentDefaults.variables(option.longestName());
        return variables.isEmpty() ? "" : " (given as " + option.longestName() + " or " + variables.getFirst() + ")";
    }

    private static int failed(Exception e, CommandLine command) throws Exception {
        var told = UserError.of(e);
        if (told.isEmpty()) {
            throw e;
        }
        command.getErr().println(command.getColorScheme().errorText(told.get()));
        return CommandLine.ExitCode.SOFTWARE;
    }
}
