package dev.millrace.cli;

import dev.millrace.cli.crm.SampleCrm;
import dev.millrace.cli.demo.DemoFailure;
import dev.millrace.cli.demo.Person;
import dev.millrace.cli.demo.PlayedCustomer;
import dev.millrace.cli.demo.Stage;
import dev.millrace.cli.demo.Story;
import dev.millrace.client.MillraceException;
import dev.millrace.server.config.Config;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Plays the demo: how a customer configures an integration. */
@Command(
        name = "demo",
        sortOptions = false,
        description =
                "Starts a server and a sample CRM and plays the story of a customer's configuration, each step with"
                        + " its command line; both keep running afterwards. At a terminal, you may connect the customer in a"
                        + " browser. Its data folder is demo/ below the usual one, and provider calls may reach this machine.",
        footer = {"", "Exit status 0: every step succeeded; 1: a step failed; 2: invalid settings."})
final class DemoCommand implements Callable<Integer>, ServerCommand {
    private static final String CRM_KEY = "crm-secret";

    @Option(names = "--exit", order = -2, description = "Play the customer, too, and stop after the last step.")
    private boolean exit;

    @Option(
            names = "--contacts",
            order = -1,
            paramLabel = "N",
            defaultValue = "" + SampleCrm.USUAL_COUNT,
            description = "How many contacts the CRM has (default " + SampleCrm.USUAL_COUNT + ").")
    private int contacts;

    @Mixin
    private @Nullable ServerOptions options;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        var settings = Injected.value(options);
        settings.dataUnlessGiven("demo");
        settings.allowLoopback();
        settings.noPublicUrl();
        settings.addProviders(Folders.examples().resolve("providers"));
        var config = settings.config();
        var out = Injected.value(spec).commandLine().getOut();
        long began = System.nanoTime();
        try (var crm = new SampleCrm(0, CRM_KEY, contacts);
                var running = RunningServer.start(config)) {
            out.printf("Millrace %s is ready after %.1f s.%n", Version.number(), (System.nanoTime() - began) / 1e9);
            running.introduce(out);
            return play(config, running, crm, out);
        }
    }

    private int play(Config config, RunningServer running, SampleCrm crm, PrintWriter out) throws Exception {
        var key = running.server().defaultKey().secret();
        if (key.isEmpty()) {
            throw new UserError("The secret key of this data folder is not known here: play the demo in another folder"
                    + " (--data).");
        }
        var runtime = config.runtime();
        var stage = new Stage(
                running.url(),
                key.get(),
                crm.url(),
                CRM_KEY,
                runtime.node(),
                runtime.directory(),
                Folders.examples(),
                config.data().resolve("requests"),
                exit || !Bar.isTerminal() ? new PlayedCustomer() : new Person(System.in));
        try {
            Story.play(stage, out);
        } catch (MillraceException e) {
            if (running.isClosed()) {
                // Ctrl-C: the shutdown hook ends the process.
                running.await();
            }
            throw e;
        } catch (DemoFailure e) {
            Injected.value(spec).commandLine().getErr().println("This step failed: " + e.getMessage());
            return ExitCode.SOFTWARE;
        }
        out.println();
        out.println("Every step succeeded.");
        if (exit) {
            return ExitCode.OK;
        }
        out.println();
        out.println("The server at " + running.url() + " and the CRM at " + crm.url() + " (key " + CRM_KEY
                + ") keep running: change a contact, trigger the sync, read the records.");
        if (config.dashboard()) {
            out.println("See it all in the dashboard:");
            running.introduceDashboard(out);
        }
        out.println("Stop them with Ctrl-C.");
        out.flush();
        running.await();
        return ExitCode.OK;
    }
}
