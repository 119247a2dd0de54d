package dev.millrace.cli;

import dev.millrace.cli.crm.SampleCrm;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the sample CRM by itself. */
@Command(
        name = "sample-crm",
        sortOptions = false,
        description = "Runs the sample CRM alone: an API to connect to and to experiment with.",
        footer = {
            "",
            "GET    /me                       the account",
            "GET    /custom-fields            the custom fields of contacts",
            "GET    /contacts                 ?limit=&cursor=&region=emea|amer|apac&archived=false|true|all",
            "GET    /contacts/{id}            also PATCH (email, name, region, archived, custom) and DELETE",
            "POST   /_faults                  {\"path\":\"/contacts\",\"status\":503,\"times\":2,\"delayMs\":0,"
                    + "\"retryAfter\":1}",
            "DELETE /_faults                  no more faults",
            "",
            "GET    /oauth/authorize          a login (OAuth 2 with PKCE); tokens come from POST /oauth/token",
            "",
            "Every request carries the header 'Authorization: Bearer <key or access token>'. The login's client is",
            "millrace-demo with the secret demo-secret."
        })
final class SampleCrmCommand implements Callable<Integer> {
    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "3999",
            description = "Port on 127.0.0.1 (default 3999).")
    private int port;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            defaultValue = "crm-secret",
            description = "The API key that it requires (default crm-secret).")
    private String key = "";

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "" + SampleCrm.USUAL_COUNT,
            description = "How many contacts it has (default " + SampleCrm.USUAL_COUNT + ").")
    private int count;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        var out = Injected.value(spec).commandLine().getOut();
        try (var crm = new SampleCrm(port, key, count)) {
            out.println("The sample CRM is at " + crm.url() + " with " + count + " contacts. Try:");
            out.println("  curl '" + crm.url() + "/contacts?limit=2' -H 'Authorization: Bearer " + key + "'");
            out.println("Stop it with Ctrl-C.");
            out.flush();
            Thread.currentThread().join();
        }
        return 0;
    }
}
