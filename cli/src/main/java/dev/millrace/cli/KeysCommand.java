package dev.millrace.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Commands for the encryption keys. */
@Command(
        name = "keys",
        description = "Shows and replaces the keys that encrypt stored data.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {KeysStatusCommand.class, KeysRotateCommand.class},
        footer = {"", "See docs/guides/encryption-keys.md, also for clusters."})
final class KeysCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Injected.value(spec).commandLine(), "Name a command for the keys: 'status' or 'rotate'.");
    }
}
