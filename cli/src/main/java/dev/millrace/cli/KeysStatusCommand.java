package dev.millrace.cli;

import dev.millrace.server.Server;
import dev.millrace.server.encryption.KeyReport;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows which keys are needed. */
@Command(
        name = "status",
        sortOptions = false,
        description = "Shows how many values each encryption key has encrypted, and which keys may be removed.")
final class KeysStatusCommand implements Callable<Integer>, ServerCommand {
    @Mixin
    private @Nullable KeysOptions options;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        try (var opened = Injected.value(options).open()) {
            print(
                    KeyReport.of(opened.db(), Server.SEALED),
                    Injected.value(spec).commandLine().getOut());
        }
        return 0;
    }

    private static void print(KeyReport report, PrintWriter out) {
        if (report.keys().isEmpty()) {
            out.println("No key is recorded yet: a server records its keys when it starts.");
        }
        report.keys()
                .forEach(key -> out.printf("  key %-3d  %,12d values  %s%n", key.id(), key.values(), meaning(key)));
        report.rotation()
                .filter(rotation -> !rotation.finished())
                .ifPresent(rotation -> out.println(progress(rotation)));
        if (!report.waitsFor().isEmpty()) {
            out.println(
                    "A new key waits until these servers list it first, too: " + String.join(", ", report.waitsFor())
                            + " (the names are in the file 'node' of their data folders)");
        }
        out.flush();
    }

    private static String meaning(KeyReport.Key key) {
        return switch (key.use()) {
            case READY -> "ready to take over";
            case SEALS -> "encrypts what is written";
            case OPENS -> "still needed: its values are being re-encrypted";
            case UNUSED ->
                key.values() == 0
                        ? "no longer needed: take it out of the list"
                        : "still needed: restart the server, which will re-encrypt these values";
            case RETIRED -> "retired; its id must not be used again";
        };
    }

    private static String progress(KeyReport.Rotation rotation) {
        if (rotation.pass() == 0) {
            return "Re-encryption with key " + rotation.to()
                    + " begins when a server runs and all servers use the key.";
        }
        return "Re-encrypting with key %d: pass %d, row %,d of %,d, %,d values done."
                .formatted(rotation.to(), rotation.pass(), rotation.scanned(), rotation.total(), rotation.resealed());
    }
}
