package dev.millrace.cli;

import dev.millrace.cli.crm.SampleCrm;
import dev.millrace.cli.demo.PlayedCustomer;
import dev.millrace.cli.demo.Stage;
import dev.millrace.cli.demo.Story;
import dev.millrace.server.provider.Providers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Starts the server and plays the demo once without output. The launcher uses this run to create the start-up cache.
 */
@Command(name = "warm-up", hidden = true, description = "Runs once for the launcher, which records the start.")
final class WarmUpCommand implements Callable<Integer>, ServerCommand {
    private static final String CRM_KEY = "crm-secret";
    private static final int CONTACTS = 5_000;
    private static final Pattern NAME = Pattern.compile("(?m)^([a-z0-9-]+):");
    private static final int COPIES = 6;

    @Option(names = "--start-only", description = "Leave the story out.")
    private boolean startOnly;

    @Mixin
    private @Nullable ServerOptions options;

    @Override
    public Integer call() throws Exception {
        var settings = Injected.value(options);
        settings.allowLoopback();
        settings.noPublicUrl();
        settings.addProviders(Folders.examples().resolve("providers"));
        var config = settings.config();
        loadDefinitions();
        try (var crm = new SampleCrm(0, CRM_KEY, CONTACTS);
                var running = RunningServer.start(config);
                var nowhere = new PrintWriter(Writer.nullWriter())) {
            running.introduce(nowhere);
            var key = running.server().defaultKey().secret();
            if (!startOnly && key.isPresent()) {
                Path runtime = config.runtime().directory();
                Story.play(
                        new Stage(
                                running.url(),
                                key.get(),
                                crm.url(),
                                CRM_KEY,
                                config.runtime().node(),
                                runtime,
                                Folders.examples(),
                                config.data().resolve("requests"),
                                new PlayedCustomer()),
                        nowhere);
            }
        }
        return 0;
    }

    /** Parses and checks as many provider definitions as the largest catalogues have. */
    private static void loadDefinitions() throws IOException {
        var text = new StringBuilder();
        for (var name : Providers.load(List.of()).names()) {
            try (var in = Injected.value(Providers.class.getResourceAsStream("/providers/" + name + ".yaml"))) {
                text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        var file = Files.createTempFile("definitions", ".yaml");
        try {
            for (int copy = 0; copy < COPIES; copy++) {
                var renamed = NAME.matcher(text).replaceAll("$1-" + copy + ":");
                Files.writeString(file, renamed, StandardOpenOption.APPEND);
            }
            var _ = Providers.load(List.of(file)).check();
        } finally {
            Files.delete(file);
        }
    }
}
