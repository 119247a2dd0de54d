package dev.millrace.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Commands for the dashboard. */
@Command(
        name = "dashboard",
        description = "Makes a new password for the dashboard.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = DashboardPasswordCommand.class)
final class DashboardCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Injected.value(spec).commandLine(), "Add the command 'password'.");
    }
}
