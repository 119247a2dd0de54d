package dev.millrace.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Commands for provider definitions. */
@Command(
        name = "providers",
        description = "Checks provider definition files.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = ProvidersCheckCommand.class,
        footer = {"", "docs/guides/providers.md describes the format."})
final class ProvidersCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Injected.value(spec).commandLine(), "Add a command: 'check'.");
    }
}
