package dev.millrace.server.ui;

import dev.millrace.server.environment.Environment;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.environment.IssuedKeys;
import dev.millrace.server.environment.Scopes;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.environment.SigningKeys;
import dev.millrace.server.environment.Variables;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** The settings of an environment: keys, variables, webhooks, what is kept, and the environments themselves. */
public final class SettingsPages {
    private static final Pattern ENVIRONMENT_NAME = Pattern.compile("[a-z0-9_-]{1,255}");
    private static final Pattern VARIABLE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");
    private static final Pattern SECRET_NAME =
            Pattern.compile("key|secret|token|password|credential", Pattern.CASE_INSENSITIVE);
    private static final int LONGEST_VALUE = 64 * 1024;
    private static final int LONGEST_NAME = 255;
    private static final List<String> URLS = List.of("primary_url", "secondary_url");
    private static final List<String> NUMBERS = List.of(
            "logs_days",
            "records_prune_days",
            "records_delete_days",
            "metadata_history_days",
            "delete_guard_share",
            "delete_guard_count");

    /** What most keys need, explained in words; the other scopes are listed below them. */
    static final List<String> COMMON = List.of(
            "environment:connections:read",
            "environment:connections:read_credentials",
            "environment:records:read",
            "environment:syncs:execute",
            "environment:deploy",
            "environment:logs:read");

    private final Dashboard dashboard;
    private final Environments environments;
    private final EnvironmentSettings settings;
    private final IssuedKeys keys;
    private final Variables variables;
    private final SigningKeys signingKeys;
    private final Environments.RemovalHook contents;

    /** @param contents deletes what a deleted environment contains */
    public SettingsPages(
            Dashboard dashboard,
            Environments environments,
            EnvironmentSettings settings,
            IssuedKeys keys,
            Variables variables,
            SigningKeys signingKeys,
            Environments.RemovalHook contents) {
        this.dashboard = dashboard;
        this.environments = environments;
        this.settings = settings;
        this.keys = keys;
        this.variables = variables;
        this.signingKeys = signingKeys;
        this.contents = contents;
    }

    public List<Route> routes() {
        return List.of(
                dashboard.get("/settings", visit -> page(visit, 200, Done.of(visit), "", FormErrors.NONE)),
                dashboard.post("/settings/keys", this::makeKey),
                dashboard.post("/settings/keys/{key}/delete", this::deleteKey),
                dashboard.post("/settings/variables", this::setVariable),
                dashboard.post("/settings/variables/delete", this::deleteVariable),
                dashboard.post("/settings/webhooks", this::saveWebhooks),
                dashboard.post("/settings/signing-key", this::rotate),
                dashboard.post("/settings/keeping", this::saveKeeping),
                dashboard.post("/settings/environments", this::makeEnvironment),
                dashboard.post("/settings/environments/{uuid}/delete", this::deleteEnvironment));
    }

    /** What can be set to be sent, in the order of the page. */
    enum Event {
        AUTH_CREATION("on_auth_creation", "A customer connects or reconnects"),
        AUTH_REFRESH("on_auth_refresh_error", "A token cannot be refreshed, or works again"),
        SYNC_ALWAYS("on_sync_completion_always", "A sync has ended, also without changes"),
        SYNC_ERROR("on_sync_error", "A sync has failed"),
        ASYNC_ACTION("on_async_action_completion", "An async action has ended"),
        DELETION("on_connection_deletion", "A connection was deleted"),
        METADATA("on_metadata_change", "Metadata of a connection have changed");

        private final String field;
        private final String text;

        Event(String field, String text) {
            this.field = field;
            this.text = text;
        }

        String field() {
            return field;
        }

        String text() {
            return text;
        }

        boolean isOn(Settings settings) {
            var webhooks = settings.webhooks();
            return switch (this) {
                case AUTH_CREATION -> webhooks.onAuthCreation();
                case AUTH_REFRESH -> webhooks.onAuthRefreshError();
                case SYNC_ALWAYS -> webhooks.onSyncCompletionAlways();
                case SYNC_ERROR -> webhooks.onSyncError();
                case ASYNC_ACTION -> webhooks.onAsyncActionCompletion();
                case DELETION -> webhooks.onConnectionDeletion();
                case METADATA -> webhooks.onMetadataChange();
            };
        }
    }

    /**
     * What was done.
     *
     * @param secret shown now and never again; empty if there is none
     */
    record Done(String text, String secret, String label) {
        static final Done NOTHING = new Done("", "", "");

        static Done of(Visit visit) {
            return new Done(
                    switch (visit.query().find("done").orElse("")) {
                        case "key-deleted" -> "The key is deleted. Calls with it are refused.";
                        case "variable-set" -> "The variable is saved. Functions read it from their next run.";
                        case "variable-deleted" -> "The variable is deleted.";
                        case "webhooks" -> "The settings of webhooks are saved.";
                        case "keeping" -> "The settings are saved.";
                        case "environment-made" -> "This environment is made. Make a key for your app next.";
                        case "environment-deleted" ->
                            "The environment is deleted. What it held is removed in the background.";
                        default -> "";
                    },
                    "",
                    "");
        }
    }

    /** @param value empty for one that is hidden */
    record Variable(String name, Optional<String> value) {}

    /**
     * All that the page shows.
     *
     * @param failed which form the errors belong to
     */
    record Shown(
            Settings settings,
            List<IssuedKeys.Key> keys,
            List<Variable> variables,
            String signingKey,
            List<Environment> environments,
            Environment own,
            Done done,
            String failed,
            FormErrors errors,
            FormData form) {
        /** What stands in a field: what was typed if its form was refused. */
        String value(String form, String field, Object stored) {
            return failed.equals(form) ? form().text(field) : stored.toString();
        }

        String error(String form, String field) {
            return failed.equals(form) ? errors.at(field) : "";
        }

        boolean checked(String form, String field, boolean stored) {
            return failed.equals(form) ? form().has(field) : stored;
        }

        boolean hasScope(String scope) {
            return failed.equals("keys") && form().all("scope").contains(scope);
        }
    }

    private Response page(Visit visit, int status, Done done, String failed, FormErrors errors) {
        long environment = visit.environmentId();
        var shown = new Shown(
                settings.read(environment),
                keys.list(environment),
                variables(environment),
                signingKeys.current(environment),
                environments.list(),
                visit.environment(),
                done,
                failed,
                errors,
                visit.form());
        var title = "Settings of " + visit.environment().name();
        return visit.page(
                status,
                title,
                Section.SETTINGS,
                (out, page) -> JtesettingsGenerated.render(out, Html.NONE, page, shown));
    }

    private List<Variable> variables(long environment) {
        return variables
                .list(environment)
                .valueStream()
                .map(item -> {
                    var name = item.path("name").asString("");
                    boolean hidden = SECRET_NAME.matcher(name).find();
                    return new Variable(
                            name,
                            hidden
                                    ? Optional.empty()
                                    : Optional.of(item.path("value").asString("")));
                })
                .toList();
    }

    private Response refused(Visit visit, String form, FormErrors errors) {
        return page(visit, 400, Done.NOTHING, form, errors);
    }

    private static Response done(Visit visit, String what, String where) {
        return visit.to(visit.link("settings") + "?done=" + what + '#' + where);
    }

    private Response makeKey(Visit visit) {
        var name = visit.form().find("display_name").orElse("");
        var scopes = visit.form().all("scope").stream().distinct().toList();
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            return refused(
                    visit, "keys", FormErrors.of("display_name", "Give the key a name of up to 255 characters."));
        }
        if (scopes.isEmpty() || !scopes.stream().allMatch(Scopes::grantsInEnvironment)) {
            return refused(visit, "keys", FormErrors.of("scope", "Choose what the key may do."));
        }
        try {
            var made = keys.create(visit.environmentId(), name, scopes);
            var text = "Key “" + name + "” is made. Copy it now; it is not shown again.";
            return page(visit, 200, new Done(text, made.secret(), "Copy key"), "", FormErrors.NONE);
        } catch (Failure failure) {
            return refused(visit, "keys", FormErrors.of("display_name", String.valueOf(failure.getMessage())));
        }
    }

    private Response deleteKey(Visit visit) {
        if (!keys.delete(visit.environmentId(), uuid(visit, "key"))) {
            throw visit.missing("This key does not exist any more.");
        }
        return done(visit, "key-deleted", "keys");
    }

    private static UUID uuid(Visit visit, String name) {
        try {
            return UUID.fromString(visit.variable(name));
        } catch (IllegalArgumentException _) {
            throw visit.missing("There is no such thing.");
        }
    }

    private Response setVariable(Visit visit) {
        var name = visit.form().find("name").orElse("");
        var value = visit.form().text("value");
        if (!VARIABLE_NAME.matcher(name).matches()) {
            return refused(
                    visit,
                    "variables",
                    FormErrors.of("name", "Use letters, digits and underscores; do not begin with a digit."));
        }
        if (value.length() > LONGEST_VALUE) {
            return refused(visit, "variables", FormErrors.of("value", "A value has at most 65,536 characters."));
        }
        variables.change(visit.environmentId(), Map.of(name, Optional.of(value)));
        return done(visit, "variable-set", "variables");
    }

    private Response deleteVariable(Visit visit) {
        variables.change(visit.environmentId(), Map.of(visit.form().text("name"), Optional.empty()));
        return done(visit, "variable-deleted", "variables");
    }

    private Response saveWebhooks(Visit visit) {
        var changes = Json.object();
        var webhooks = changes.putObject("webhooks");
        for (var field : URLS) {
            webhooks.put(field, visit.form().find(field).orElse(null));
        }
        for (var event : Event.values()) {
            webhooks.put(event.field(), visit.form().has(event.field()));
        }
        return save(visit, "webhooks", changes, URLS);
    }

    private Response saveKeeping(Visit visit) {
        var changes = Json.object();
        for (var field : NUMBERS) {
            var text = visit.form().find(field).orElse("");
            if (!text.matches("[0-9]{1,9}")) {
                return refused(visit, "keeping", FormErrors.of(field, "Enter a whole number."));
            }
            changes.put(field, Integer.parseInt(text));
        }
        return save(visit, "keeping", changes, NUMBERS);
    }

    private Response save(Visit visit, String form, ObjectNode changes, List<String> fields) {
        try {
            settings.change(visit.environmentId(), Fields.of(Part.BODY, changes));
            return done(visit, form, form);
        } catch (Failure failure) {
            return refused(visit, form, FormErrors.of(failure, fields));
        }
    }

    private Response rotate(Visit visit) {
        var key = signingKeys.rotate(visit.environmentId());
        var text = "The signing key is rotated. Give this one to your app within 24 hours; both are valid until then.";
        return page(visit, 200, new Done(text, key, "Copy key"), "", FormErrors.NONE);
    }

    private Response makeEnvironment(Visit visit) {
        var name = visit.form().find("environment_name").orElse("");
        if (!ENVIRONMENT_NAME.matcher(name).matches()) {
            return refused(
                    visit,
                    "environments",
                    FormErrors.of("environment_name", "Use lower-case letters, digits, - and _ only."));
        }
        try {
            var made = environments.create(name, visit.form().has("is_production"));
            return Dashboard.redirect(Dashboard.path(made.name(), "settings") + "?done=environment-made#keys");
        } catch (Failure failure) {
            return refused(
                    visit, "environments", FormErrors.of("environment_name", String.valueOf(failure.getMessage())));
        }
    }

    private Response deleteEnvironment(Visit visit) {
        var environment = environments
                .find(uuid(visit, "uuid"))
                .orElseThrow(() -> visit.missing("This environment does not exist any more."));
        if (environment.isProduction()) {
            throw Failure.plain(400, "cannot_delete_prod_environment", "A production environment cannot be deleted.");
        }
        if (!visit.form().text("name").equals(environment.name())) {
            var why = "The environment was not deleted: its name was not typed.";
            return refused(visit, "environments", new FormErrors(Map.of(), List.of(why)));
        }
        environments.delete(environment, contents);
        var left = environment.id() == visit.environmentId()
                ? dashboard.first()
                : visit.link("settings") + "?done=environment-deleted#environments";
        return visit.to(left);
    }
}
