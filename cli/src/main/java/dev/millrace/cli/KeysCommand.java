package dev.millrace.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Commands for encryption keys and API keys. */
@Command(
        name = "keys",
        description = "Shows and changes encryption keys and API keys.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {KeysStatusCommand.class, KeysRotateCommand.class, ApiKeysCommand.class},
        footer = {"", "See also docs/guides/encryption-keys.md, which covers clusters."})
final class KeysCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Injected.value(spec).commandLine(),
                "Add a command: 'status' or 'rotate' for encryption keys, 'api' for API keys.");
    }
}
