package dev.millrace.server.connect;

import dev.millrace.server.connection.Tags;
import dev.millrace.server.environment.UrlRule;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/** Reads the settings of a connect session from a request. */
final class SessionInput {
    private static final List<String> BY_INTEGRATION = List.of("integrations_config_defaults", "overrides");

    private final Fields body;
    private final Predicate<String> known;
    private final UrlRule urls;
    private final ObjectNode terms = Json.object();

    /**
     * @param known whether an integration exists
     * @param urls which addresses of webhooks are accepted
     */
    SessionInput(Fields body, Predicate<String> known, UrlRule urls) {
        this.body = body;
        this.known = known;
        this.urls = urls;
    }

    /** The terms of a session for new connections. */
    ObjectNode create() {
        if (!body.has("tags") && !body.has("end_user")) {
            body.object("end_user");
        }
        common();
        if (body.has("allowed_integrations")) {
            var allowed = body.texts("allowed_integrations", Text.INTEGRATION_ID);
            allowed.forEach(terms.withArray("allowed_integrations")::add);
        }
        body.end();
        var allowed = terms.path("allowed_integrations");
        for (int i = 0; i < allowed.size(); i++) {
            check(allowed.get(i).asString(""), "allowed_integrations", String.valueOf(i));
        }
        return checked();
    }

    /** The terms of a reconnect session. */
    ObjectNode reconnect(String integration) {
        common();
        body.end();
        terms.putArray("allowed_integrations").add(integration);
        return checked();
    }

    private void common() {
        var endUser = Tags.endUser(body);
        organization().ifPresent(organization -> endUser.ifPresent(user -> user.set("organization", organization)));
        var tags = Tags.read(body, "tags", 1);
        defaults();
        overrides();
        urls.optional(body, "webhook_url_override")
                .filter(url -> !url.isEmpty())
                .ifPresent(url -> terms.put("webhook_url_override", url));
        endUser.ifPresent(user -> terms.set("end_user", user));
        var derived = Tags.derive(endUser, tags);
        derived.ifPresent(all -> terms.set("tags", all));
        if (derived.isEmpty() && body.sound()) {
            throw Failure.plain(
                    500, "server_error", "A connection has at most 10 tags, derived ones included: send fewer.");
        }
    }

    private Optional<ObjectNode> organization() {
        if (!body.has("organization")) {
            body.any("organization");
            return Optional.empty();
        }
        var fields = body.object("organization");
        var organization = Json.object()
                .put("id", fields.text("id", Text.between(0, 255)))
                .put(
                        "display_name",
                        fields.optionalText("display_name", Text.between(0, 255))
                                .orElse(null));
        fields.close();
        return Optional.of(organization);
    }

    private void defaults() {
        var name = BY_INTEGRATION.getFirst();
        if (!body.has(name)) {
            body.any(name);
            return;
        }
        var all = terms.putObject(name);
        var given = body.record(name);
        var entries = body.object(name).loose();
        for (var key : given.propertyNames()) {
            var entry = entries.object(key);
            var kept = all.putObject(key);
            entry.optionalText("user_scopes", Text.ANY).ifPresent(text -> kept.put("user_scopes", text));
            entry.optionalRecord("authorization_params").ifPresent(map -> kept.set("authorization_params", map));
            entry.optionalRecord("connection_config")
                    .ifPresent(map -> kept.set("connection_config", config(map, name, key)));
            entry.close();
        }
    }

    /** An older field for the URL of webhooks. */
    private ObjectNode config(ObjectNode given, String... at) {
        var config = given.deepCopy();
        var url = config.remove("webhook_url");
        if (url != null && url.isString() && !url.stringValue().isEmpty()) {
            urls.refusal(url.stringValue())
                    .ifPresent(
                            why -> body.issue("invalid_format", why, at[0], at[1], "connection_config", "webhook_url"));
            if (!terms.has("webhook_url_override")) {
                terms.put("webhook_url_override", url.stringValue());
            }
        }
        return config;
    }

    private void overrides() {
        var name = BY_INTEGRATION.getLast();
        if (!body.has(name)) {
            body.any(name);
            return;
        }
        var all = terms.putObject(name);
        var given = body.record(name);
        var entries = body.object(name).loose();
        for (var key : given.propertyNames()) {
            var entry = entries.object(key);
            var kept = all.putObject(key);
            entry.optionalText("docs_connect", Text.between(0, 2048)).ifPresent(url -> kept.put("docs_connect", url));
            entry.close();
        }
    }

    private ObjectNode checked() {
        for (var name : BY_INTEGRATION) {
            terms.path(name).propertyNames().forEach(key -> check(key, name, key));
        }
        body.end();
        return terms;
    }

    private void check(String integration, String... at) {
        if (!known.test(integration)) {
            body.issue("custom", "Integration does not exist", at);
        }
    }

    /** The scopes of a comma-separated list. */
    static List<String> scopes(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(String::strip)
                .filter(scope -> !scope.isEmpty())
                .toList();
    }
}
