package dev.millrace.cli;

import dev.millrace.server.encryption.KeySource;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that select the server whose keys are shown or changed. */
final class KeysOptions extends DatabaseOptions {
    @Option(
            names = {"--encryption-keys", "--encryption-key"},
            paramLabel = "ID:KEY,...",
            description = "The server's keys when they are not in its data folder (MILLRACE_ENCRYPTION_KEYS).")
    private @Nullable String encryptionKeys;

    KeysOptions(Map<String, String> environment) {
        super(environment);
    }

    KeySource source() {
        return new KeySource(data(), check().encryptionKeys(encryptionKeys));
    }

    @Override
    void checkOthers(SettingsCheck check) {
        check.encryptionKeys(encryptionKeys);
    }
}
