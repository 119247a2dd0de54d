package dev.millrace.cli;

import dev.millrace.server.ui.DashboardPassword;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Replaces the password of the dashboard, when it is lost or too many people know it. */
@Command(
        name = "password",
        sortOptions = false,
        description =
                "Makes a new password for the dashboard and prints it. The old one is no longer valid, and everybody is"
                        + " signed out. The server may run; servers of a cluster have one password.",
        footer = {"", "Exit status 0: the new password is valid; 1: the database cannot be reached; 2: bad settings."})
final class DashboardPasswordCommand implements Callable<Integer>, ServerCommand {
    @Mixin
    private @Nullable DatabaseOptions options;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var out = Injected.value(spec).commandLine().getOut();
        try (var opened = Injected.value(options).open()) {
            out.println(new DashboardPassword(opened.db(), Clock.systemUTC()).replace());
        }
        out.flush();
        return 0;
    }
}
