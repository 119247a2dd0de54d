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

/** Tells which keys are needed. */
@Command(
        name = "status",
        sortOptions = false,
        description = "Tells for each encryption key how many values it has sealed, and which may be taken away.")
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
            out.println("No key is noted yet: the server notes its keys when it starts.");
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
            case SEALS -> "seals what is written";
            case OPENS -> "still needed: its values are being sealed anew";
            case UNUSED ->
                key.values() == 0
                        ? "no longer needed: take it out of the list"
                        : "still needed: restart the server, which will seal these values anew";
            case RETIRED -> "retired; its id is not to be used again";
        };
    }

    private static String progress(KeyReport.Rotation rotation) {
        if (rotation.pass() == 0) {
            return "Sealing anew with key " + rotation.to() + " begins when a server runs and all seal with it.";
        }
        return "Sealing anew with key %d: pass %d, row %,d of %,d, %,d values done."
                .formatted(rotation.to(), rotation.pass(), rotation.scanned(), rotation.total(), rotation.resealed());
    }
}
