package dev.millrace.cli.demo;

import dev.millrace.cli.crm.SampleCrm;
import dev.millrace.client.ApiCall;
import dev.millrace.client.ConnectionRef;
import dev.millrace.client.MillraceClient;
import dev.millrace.client.RecordPage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The demo: each customer decides what is fetched from the customer's CRM. Every step checks its own result. */
public final class Story {
    private static final String INTEGRATION = "sample-crm";
    private static final String SYNC = "contacts";
    private static final String PROVIDER = "sample-crm";
    private static final String CUSTOMER = "customer-1";
    private static final String CHANGED = "c-00001";
    private static final String REMOVED = "c-00002";
    private static final int STEPS = 12;
    private static final String KEY = "$MILLRACE_KEY";
    private static final int LONGEST_SHOWN = 1000;

    private final MillraceClient client;
    private final MillraceClient quiet;
    private final Narrator narrator;
    private final CustomerCrm crm;
    private final URI crmUrl;
    private final Customer customer;
    private final Functions functions;
    private final App app = new App();
    private ConnectionRef connection = new ConnectionRef(INTEGRATION, "");
    private Optional<String> finished = Optional.empty();

    private Story(Stage stage, MillraceClient quiet, Narrator narrator, CustomerCrm crm, Functions functions) {
        this.quiet = quiet;
        this.client = quiet.listening(call -> narrator.curl(commandLine(stage, narrator, call)));
        this.narrator = narrator;
        this.crm = crm;
        this.crmUrl = stage.crm();
        this.customer = stage.customer();
        this.functions = functions;
    }

    /** Plays all steps, or up to the first one that fails. */
    public static void play(Stage stage, PrintWriter out) throws IOException, InterruptedException {
        var narrator = new Narrator(out, STEPS);
        narrator.say("Most steps show the command lines that do the same. Set the variables for them:");
        narrator.say("  export MILLRACE_URL=" + stage.server());
        narrator.say("  export MILLRACE_KEY=" + stage.secretKey());
        var functions = Functions.compile(stage.node(), stage.runtime(), stage.examples());
        try (var quiet = MillraceClient.of(stage.server(), stage.secretKey());
                var crm = new CustomerCrm(stage.crm(), stage.crmKey(), narrator)) {
            new Story(stage, quiet, narrator, crm, functions).tell();
        }
    }

    private static String commandLine(Stage stage, Narrator narrator, ApiCall call) {
        if (call.body().map(String::length).orElse(0) <= LONGEST_SHOWN) {
            return call.curl(stage.server(), KEY);
        }
        var file = stage.notes().resolve("step-" + narrator.number() + ".json");
        try {
            Files.createDirectories(stage.notes());
            Files.writeString(file, call.body().orElse(""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return call.curl(stage.server(), KEY, file);
    }

    private void tell() throws IOException, InterruptedException {
        integrate();
        deployActions();
        connect();
        listCustomFields();
        configure();
        deploySync();
        startSync();
        readAll();
        changeCrm();
        syncAgain();
        readChanges();
        includeArchived();
        narrator.say("");
        narrator.say("Contacts that the app has now:");
        narrator.say("");
        narrator.table(App.summaryHeader(), app.summary());
        narrator.say("");
        narrator.say("The examples of the guides ask for this connection:");
        narrator.say("  export MILLRACE_CONNECTION=" + connection.connection());
    }

    private void integrate() {
        narrator.step("The team adds an integration: the CRM that its customers use");
        connections().forEach(quiet::deleteConnection);
        var config = Map.of("baseUrl", crmUrl.toString());
        var integration = quiet.integration(INTEGRATION).isPresent()
                ? client.updateIntegration(INTEGRATION, Map.of("integration_config", config))
                : client.createIntegration(body(
                        "provider",
                        PROVIDER,
                        "unique_key",
                        INTEGRATION,
                        "display_name",
                        "Sample CRM",
                        "credentials",
                        body(
                                "type",
                                "OAUTH2",
                                "client_id",
                                SampleCrm.Client.DEMO.id(),
                                "client_secret",
                                SampleCrm.Client.DEMO.secret()),
                        "integration_config",
                        config));
        DemoFailure.unless(
                integration.path("provider").asString().equals(PROVIDER),
                "This data folder was made by an earlier version of the demo. Delete it, or name another one with --data.");
        DemoFailure.unless(
                integration.path("unique_key").asString().equals(INTEGRATION),
                "The integration came back as %s".formatted(integration));
        narrator.did("Integration '%s' calls %s.".formatted(INTEGRATION, crmUrl));
    }

    private void deployActions() {
        narrator.step(
                "The team deploys the functions of its settings page: TypeScript from examples/, without the sync");
        var deployed = client.deploy(functions.withoutSyncs());
        DemoFailure.unless(!deployed.isEmpty(), "Nothing was deployed: %s".formatted(deployed));
        deployed.forEach(f -> narrator.did("Deployed %s %s, version %s."
                .formatted(
                        f.path("type").asString(),
                        f.path("name").asString(),
                        f.path("version").asString())));
    }

    private void connect() throws IOException, InterruptedException {
        narrator.step("A customer connects: the app asks for a Connect session and shows its page");
        var session = client.createConnectSession(
                body("tags", Map.of("end_user_id", CUSTOMER), "allowed_integrations", List.of(INTEGRATION)));
        var link = URI.create(session.path("connect_link").asString());
        narrator.did("The page: " + link);
        customer.connect(
                new Customer.Invitation(
                        link,
                        session.path("token").asString(),
                        INTEGRATION,
                        () -> !connections().isEmpty()),
                narrator::did);
        var made = connections();
        DemoFailure.unless(made.size() == 1, "The customer has %d connections".formatted(made.size()));
        connection = made.getFirst();
        narrator.did("Connection '%s' of integration '%s', its tokens encrypted at rest."
                .formatted(connection.connection(), INTEGRATION));
    }

    /** Those of the customer. */
    private List<ConnectionRef> connections() {
        return quiet.connections().stream()
                .filter(c -> c.path("tags").path("end_user_id").asString("").equals(CUSTOMER)
                        && c.path("provider_config_key").asString().equals(INTEGRATION))
                .map(c -> new ConnectionRef(INTEGRATION, c.path("connection_id").asString()))
                .toList();
    }

    private SyncWatch watch() {
        return new SyncWatch(quiet, connection, SYNC);
    }

    private void listCustomFields() {
        narrator.step("The settings page asks the customer's CRM for its custom fields: an action");
        var fields =
                client.triggerAction(connection, "list-custom-fields", Map.of()).path("fields");
        var keys = fields.valueStream().map(f -> f.path("key").asString()).toList();
        DemoFailure.unless(
                keys.containsAll(List.of("cf_plan", "cf_seats")), "The action returned %s".formatted(fields));
        fields.forEach(f -> narrator.did("%-10s %s (%s)"
                .formatted(
                        f.path("key").asString(),
                        f.path("label").asString(),
                        f.path("type").asString())));
    }

    private void configure() {
        narrator.step("The customer chooses; the choice is saved as metadata of the connection");
        var mapping = body("plan", "cf_plan", "seats", "cf_seats");
        client.setMetadata(connection, Map.of("fieldMapping", mapping));
        var stored = quiet.connection(connection).path("metadata").path("fieldMapping");
        DemoFailure.unless(stored.path("plan").asString("").equals("cf_plan"), "The metadata is %s".formatted(stored));
        narrator.did("Our field 'plan' is the customer's cf_plan, 'seats' is cf_seats.");
    }

    private void deploySync() {
        narrator.step("The team deploys its sync; autoStart is off, so it waits to be started");
        client.deploy(functions.all());
        var status = watch().status();
        DemoFailure.unless(
                !status.isRunning() && status.finishedAt().isEmpty(), "The sync runs already: %s".formatted(status));
        narrator.did("The customer's sync '%s' exists and is %s.".formatted(SYNC, status.status()));
    }

    private void startSync() throws IOException, InterruptedException {
        narrator.step("Now that the configuration exists, the sync is started for this customer");
        int expected = crm.count("false");
        client.startSync(connection, List.of(SYNC));
        var status = watch().next(finished, expected);
        finished = status.finishedAt();
        int added = status.latestResult().path("Contact").path("added").asInt(0);
        DemoFailure.unless(added == expected, "The CRM has %d contacts, the sync added %d".formatted(expected, added));
        narrator.did("It paged through the CRM and saved %d contacts.".formatted(added));
    }

    private void readAll() throws IOException, InterruptedException {
        narrator.step("The app reads what has changed, by cursor");
        var changes = app.catchUp(client, connection);
        int expected = crm.count("false");
        DemoFailure.unless(
                App.kinds(changes).equals(Map.of("ADDED", (long) expected)),
                "%d ADDED were to come, there were %s".formatted(expected, App.kinds(changes)));
        var example = app.contact(CHANGED);
        DemoFailure.unless(
                example.path("plan").isString() && example.path("seats").isNumber(),
                "The mapped fields are missing: %s".formatted(example));
        narrator.did("%d records, such as %s: plan %s, %s seats."
                .formatted(
                        changes.size(),
                        example.path("name").asString(),
                        example.path("plan").asString(),
                        example.path("seats").asString()));
    }

    private void changeCrm() throws IOException, InterruptedException {
        narrator.step("In the CRM somebody changes one contact and removes another");
        crm.change(CHANGED, "{\"email\":\"new.address@example.com\"}");
        crm.remove(REMOVED);
    }

    private void syncAgain() throws InterruptedException {
        narrator.step("The sync runs again: on its schedule, or triggered as here");
        var status = runSync();
        narrator.did("Result: %s".formatted(status));
    }

    private String runSync() throws InterruptedException {
        client.triggerSync(connection, List.of(SYNC));
        var status = watch().next(finished, app.size());
        finished = status.finishedAt();
        return status.latestResult().path("Contact").toString();
    }

    private void readChanges() {
        narrator.step("The app asks again from where it was: exactly one UPDATED and one DELETED");
        var changes = app.catchUp(client, connection);
        DemoFailure.unless(
                App.kinds(changes).equals(Map.of("UPDATED", 1L, "DELETED", 1L)),
                "One UPDATED and one DELETED were to come, there were %s".formatted(App.kinds(changes)));
        DemoFailure.unless(
                app.contact(CHANGED).path("email").asString("").equals("new.address@example.com")
                        && app.contact(REMOVED).isMissingNode(),
                "The app holds %s and %s".formatted(app.contact(CHANGED), app.contact(REMOVED)));
        changes.forEach(change -> narrator.did(
                "%s %s".formatted(RecordPage.action(change), change.path("id").asString())));
    }

    private void includeArchived() throws IOException, InterruptedException {
        narrator.step("The customer wants archived contacts too: metadata is merged, the next run uses it");
        client.updateMetadata(connection, Map.of("includeArchived", true));
        var result = runSync();
        var changes = app.catchUp(client, connection);
        int archived = crm.count("true");
        DemoFailure.unless(
                App.kinds(changes).equals(Map.of("ADDED", (long) archived)),
                "%d ADDED were to come, there were %s".formatted(archived, App.kinds(changes)));
        narrator.did("Result: %s; the app has got %d archived contacts.".formatted(result, archived));
    }

    /** A JSON object with its keys in the given order. */
    private static Map<String, Object> body(Object... namesAndValues) {
        var body = new LinkedHashMap<String, Object>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            body.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return body;
    }
}
