package dev.millrace.cli;

import dev.millrace.server.provider.Providers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists faults in definition files, without a server. */
@Command(
        name = "check",
        description = "Lists every fault of these files, and keys that are probably misspelt.",
        footer = {"", "Exit status 0: no faults; 1: some definitions would be left out."})
final class ProvidersCheckCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "FILE|DIR",
            description = "Files, or folders whose *.yaml files are read in name order.")
    private List<Path> places = List.of();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var report = Providers.load(places).check();
        var out = Injected.value(spec).commandLine().getOut();
        report.faults().forEach(out::println);
        report.hints().forEach(out::println);
        out.println(counted(report.definitions(), "definition") + ", "
                + counted(report.faults().size(), "fault") + ", "
                + counted(report.hints().size(), "warning") + ".");
        out.flush();
        return report.faults().isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
