package dev.millrace.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Starts the server. */
@Command(
        name = "up",
        sortOptions = false,
        description = "Starts the server. Ctrl-C or SIGTERM shuts it down gracefully, a second one at once.",
        footer = {
            "",
            "Every setting may come from the environment variable named with it; a flag wins.",
            "NANGO_SECRET_KEY_<ENVIRONMENT>=<UUID v4> (environment only) sets a secret key of an",
            "environment, such as NANGO_SECRET_KEY_DEV. MILLRACE_JAVA_OPTIONS adds options of the",
            "JVM, such as -Xmx2g."
        })
final class UpCommand implements Callable<Integer>, ServerCommand {
    @Mixin
    private @Nullable ServerOptions options;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        var config = Injected.value(options).config();
        var out = Injected.value(spec).commandLine().getOut();
        long began = System.nanoTime();
        try (var running = RunningServer.start(config)) {
            out.printf("Millrace %s is ready after %.1f s.%n", Version.number(), (System.nanoTime() - began) / 1e9);
            running.introduce(out);
            out.println("Stop it with Ctrl-C.");
            out.flush();
            running.await();
        }
        return 0;
    }
}
