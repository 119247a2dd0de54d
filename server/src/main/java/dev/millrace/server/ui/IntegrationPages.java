package dev.millrace.server.ui;

import dev.millrace.server.connection.BrokenConnections;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.function.Function;
import dev.millrace.server.function.Functions;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.IntegrationChanges;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** Integrations: the list, a new one, one with its credentials and functions. */
public final class IntegrationPages {
    private static final int MOST_PROVIDERS = 60;
    private static final List<String> CLIENT = List.of("OAUTH1", "OAUTH2", "TBA", "MCP_OAUTH2", "MCP_OAUTH2_GENERIC");
    private static final String CONFIG = "config.";

    private final Dashboard dashboard;
    private final Integrations integrations;
    private final IntegrationChanges changes;
    private final Providers providers;
    private final BrokenConnections connections;
    private final Functions functions;
    private final EnvironmentSettings settings;
    private final Consumer<Integration> delete;
    private final Supplier<String> url;

    /**
     * @param delete deletes an integration with all that depends on it
     * @param url the public address of this server
     */
    public IntegrationPages(
            Dashboard dashboard,
            Integrations integrations,
            IntegrationChanges changes,
            Providers providers,
            BrokenConnections connections,
            Functions functions,
            EnvironmentSettings settings,
            Consumer<Integration> delete,
            Supplier<String> url) {
        this.dashboard = dashboard;
        this.integrations = integrations;
        this.changes = changes;
        this.providers = providers;
        this.connections = connections;
        this.functions = functions;
        this.settings = settings;
        this.delete = delete;
        this.url = url;
    }

    public List<Route> routes() {
        return List.of(
                dashboard.get("/integrations", this::list),
                dashboard.get("/integrations/new", this::choose),
                dashboard.post("/integrations/new", this::create),
                dashboard.get("/integrations/{key}", this::show),
                dashboard.post("/integrations/{key}", this::change),
                dashboard.post("/integrations/{key}/delete", this::remove));
    }

    /** A row of the list. */
    record Row(Integration integration, String name, BrokenConnections.Count connections, long functions) {}

    /** @param description may be empty */
    record Setting(String name, String title, String description, String value, boolean secret) {}

    /**
     * The form of an integration.
     *
     * @param mode how customers authenticate
     * @param client whether it has a client id and secret
     * @param app whether it has the id and key of an app
     */
    record Form(
            String provider,
            String providerName,
            String mode,
            boolean client,
            boolean app,
            String key,
            String displayName,
            String clientId,
            boolean hasSecret,
            String scopes,
            String appId,
            String appLink,
            boolean forward,
            List<Setting> settings,
            String callback,
            Optional<String> guide,
            FormErrors errors) {}

    /** One integration. */
    record Shown(
            Integration integration,
            String name,
            BrokenConnections.Count connections,
            Optional<String> webhook,
            List<Function> functions,
            Form form,
            String done) {}

    private String name(Integration integration) {
        return integration
                .displayName()
                .or(() -> providers.find(integration.provider()).map(Provider::displayName))
                .orElse(integration.provider());
    }

    private Response list(Visit visit) {
        var counts = connections.byIntegration(visit.environmentId());
        Map<Long, Long> deployed = functions.active(visit.environmentId()).stream()
                .collect(Collectors.groupingBy(Function::integrationId, Collectors.counting()));
        var rows = integrations.list(visit.environmentId()).stream()
                .map(integration -> new Row(
                        integration,
                        name(integration),
                        counts.getOrDefault(integration.id(), BrokenConnections.Count.NONE),
                        deployed.getOrDefault(integration.id(), 0L)))
                .toList();
        boolean deleted = visit.query().has("deleted");
        return visit.page(
                "Integrations",
                Section.INTEGRATIONS,
                (out, page) -> JteintegrationsGenerated.render(out, Html.NONE, page, rows, deleted));
    }

    /** @param more how many providers beyond those listed match */
    record Choice(String search, List<Provider> providers, int more) {}

    private Response choose(Visit visit) {
        var chosen = visit.query().find("provider");
        if (chosen.isPresent()) {
            var provider = providers
                    .find(chosen.get())
                    .orElseThrow(() -> visit.missing("There is no provider “" + chosen.get() + "”."));
            return newPage(visit, 200, form(visit, provider, Optional.empty(), FormErrors.NONE));
        }
        var search = visit.query().find("q").orElse("");
        var found = providers.search(search).stream()
                .sorted(Comparator.comparing(Provider::displayName, String.CASE_INSENSITIVE_ORDER))
                .toList();
        var choice = new Choice(
                search, found.stream().limit(MOST_PROVIDERS).toList(), Math.max(0, found.size() - MOST_PROVIDERS));
        return visit.page(
                "Add an integration",
                Section.INTEGRATIONS,
                (out, page) -> JteprovidersGenerated.render(out, Html.NONE, page, choice));
    }

    private static Response newPage(Visit visit, int status, Form form) {
        return visit.page(
                status,
                "Add " + form.providerName(),
                Section.INTEGRATIONS,
                (out, page) -> JtenewIntegrationGenerated.render(out, Html.NONE, page, form));
    }

    /** What was typed, if the form was sent; else what is stored. */
    private Form form(Visit visit, Provider provider, Optional<Integration> stored, FormErrors errors) {
        var typed = visit.form();
        boolean sent = typed.has("csrf");
        var credentials = stored.flatMap(Integration::credentials).orElseGet(Json::object);
        var mode = provider.authMode().name();
        var customs = stored.map(Integration::custom).orElseGet(Json::object);
        var settingsOfProvider = new ArrayList<Setting>();
        provider.integrationConfig()
                .ifPresent(block -> block.properties().forEach(field -> {
                    var schema = field.getValue();
                    boolean secret = schema.path("secret").asBoolean(false);
                    settingsOfProvider.add(new Setting(
                            field.getKey(),
                            schema.path("title").asString(field.getKey()),
                            schema.path("description").asString(""),
                            sent
                                    ? typed.text(CONFIG + field.getKey())
                                    : secret ? "" : customs.path(field.getKey()).asString(""),
                            secret));
                }));
        return new Form(
                provider.name(),
                provider.displayName(),
                mode,
                CLIENT.contains(mode) || mode.equals("CUSTOM"),
                List.of("APP", "CUSTOM").contains(mode),
                sent
                        ? typed.text("unique_key")
                        : stored.map(Integration::uniqueKey).orElse(provider.name()),
                sent
                        ? typed.text("display_name")
                        : stored.flatMap(Integration::displayName).orElse(""),
                sent ? typed.text("client_id") : credentials.path("client_id").asString(""),
                credentials.hasNonNull("client_secret") || credentials.hasNonNull("private_key"),
                sent ? typed.text("scopes") : credentials.path("scopes").asString(defaultScopes(provider, stored)),
                sent ? typed.text("app_id") : credentials.path("app_id").asString(""),
                sent ? typed.text("app_link") : credentials.path("app_link").asString(""),
                sent
                        ? typed.has("forward_webhooks")
                        : stored.map(Integration::forwardWebhooks).orElse(true),
                List.copyOf(settingsOfProvider),
                settings.get(visit.environmentId()).callbackUrl().orElseGet(() -> url.get() + "/oauth/callback"),
                provider.text("setup_guide_url").filter(link -> link.startsWith("https://")),
                errors);
    }

    private static String defaultScopes(Provider provider, Optional<Integration> stored) {
        return stored.isPresent()
                ? ""
                : provider.definition()
                        .path("default_scopes")
                        .valueStream()
                        .map(scope -> scope.asString(""))
                        .collect(Collectors.joining(","));
    }

    private Response create(Visit visit) {
        var provider = providers
                .find(visit.form().text("provider"))
                .orElseThrow(() -> visit.missing("There is no such provider."));
        var body = body(visit.form(), provider, Json.object())
                .put("provider", provider.name())
                .put("unique_key", visit.form().text("unique_key").strip());
        try {
            var made = changes.create(visit.environmentId(), Fields.of(Part.BODY, body));
            return visit.to(visit.link("integrations", made.uniqueKey()) + "?done=made");
        } catch (Failure failure) {
            return newPage(visit, 400, form(visit, provider, Optional.empty(), errors(failure, provider)));
        }
    }

    private static FormErrors errors(Failure failure, Provider provider) {
        var fields = new ArrayList<>(List.of(
                "unique_key",
                "display_name",
                "client_id",
                "client_secret",
                "scopes",
                "app_id",
                "app_link",
                "private_key"));
        provider.integrationConfig().ifPresent(block -> fields.addAll(block.propertyNames()));
        // The API names this field in another way when the key is taken.
        var errors = FormErrors.of(failure, fields);
        return failure instanceof Failure.Invalid && errors.byField().isEmpty()
                ? new FormErrors(Map.of("unique_key", String.join(" ", errors.others())), List.of())
                : errors;
    }

    /** The form as the body of a request to the API. Secrets that are left empty stay as they are. */
    private static ObjectNode body(FormData form, Provider provider, ObjectNode stored) {
        var body = Json.object().put("forward_webhooks", form.has("forward_webhooks"));
        form.find("display_name").ifPresent(name -> body.put("display_name", name));
        var mode = provider.authMode().name();
        var credentials = Json.object().put("type", mode);
        for (var field : List.of("client_id", "client_secret", "app_id", "app_link", "private_key")) {
            form.find(field)
                    .or(() -> Optional.of(stored.path(field).asString("")).filter(text -> !text.isEmpty()))
                    .ifPresent(text -> credentials.put(field, text));
        }
        form.find("scopes").ifPresent(scopes -> credentials.put("scopes", list(scopes)));
        if (credentials.size() > 1) {
            body.set("credentials", credentials);
        }
        provider.integrationConfig().ifPresent(block -> {
            var config = body.putObject("integration_config");
            block.propertyNames().forEach(name -> form.find(CONFIG + name).ifPresent(value -> config.put(name, value)));
        });
        return body;
    }

    /** People separate scopes by spaces, commas and lines. */
    private static String list(String scopes) {
        return Arrays.stream(scopes.split("[\\s,]+"))
                .filter(scope -> !scope.isEmpty())
                .collect(Collectors.joining(","));
    }

    private Integration integration(Visit visit) {
        var key = visit.variable("key");
        return integrations
                .find(visit.environmentId(), key)
                .orElseThrow(() -> visit.missing("There is no integration “" + key + "” in "
                        + visit.environment().name() + "."));
    }

    private Response show(Visit visit) {
        return page(visit, 200, integration(visit), FormErrors.NONE);
    }

    private Response page(Visit visit, int status, Integration integration, FormErrors errors) {
        var provider = providers.find(integration.provider());
        var webhook = provider.filter(Provider::receivesWebhooks)
                .map(_ -> url.get() + "/webhook/" + visit.environment().uuid() + '/' + integration.uniqueKey());
        var form = provider.map(found -> form(visit, found, Optional.of(integration), errors));
        var done = switch (visit.query().find("done").orElse("")) {
            case "made" -> "The integration is made. Connect a customer next.";
            case "saved" -> "The integration is saved. Tokens are renewed with it from now on.";
            default -> "";
        };
        var shown = new Shown(
                integration,
                name(integration),
                connections
                        .byIntegration(visit.environmentId())
                        .getOrDefault(integration.id(), BrokenConnections.Count.NONE),
                webhook,
                functions.ofIntegration(integration.id()),
                form.orElseThrow(() -> visit.missing(
                        "The provider “" + integration.provider() + "” of this integration is no longer defined.")),
                done);
        return visit.page(
                status,
                shown.name(),
                Section.INTEGRATIONS,
                (out, page) -> JteintegrationGenerated.render(out, Html.NONE, page, shown));
    }

    private Response change(Visit visit) {
        var old = integration(visit);
        var provider = providers
                .find(old.provider())
                .orElseThrow(() -> visit.missing("The provider “" + old.provider() + "” is no longer defined."));
        var body = body(visit.form(), provider, old.credentials().orElseGet(Json::object));
        try {
            var saved = changes.update(() -> old, Fields.of(Part.BODY, body));
            return visit.to(visit.link("integrations", saved.uniqueKey()) + "?done=saved");
        } catch (Failure failure) {
            return page(visit, 400, old, errors(failure, provider));
        }
    }

    private Response remove(Visit visit) {
        delete.accept(integration(visit));
        return visit.to(visit.link("integrations") + "?deleted=1");
    }
}
