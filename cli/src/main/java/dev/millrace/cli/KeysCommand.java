package dev.millrace.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What can be done about the encryption keys. */
@Command(
        name = "keys",
        description = "Shows and changes the keys that encrypt what is stored.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {KeysStatusCommand.class, KeysRotateCommand.class},
        footer = {"", "docs/guides/encryption-keys.md tells more, for clusters too."})
final class KeysCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Injected.value(spec).commandLine(), "Say what to do about the keys: 'status' or 'rotate'.");
    }
}
