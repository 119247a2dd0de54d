package dev.millrace.server.webhook.scheme;

import java.util.Map;
import java.util.Optional;

/**
 * Webhooks of a GitHub App. If the app has no webhook secret, its webhooks are signed with a key that is derived from
 * the app's id, private key and link in the integration.
 *
 * @param installs whether an installation completes a login that waits for it
 */
record GithubApp(WebhookScheme declared, boolean installs) implements WebhookScheme {
    /** The name by which definitions refer to the derived key. */
    static final String KEY = "github_app_key";

    @Override
    public Reading read(ProviderCall call, IntegrationKeys keys) throws InterruptedException {
        var reading = declared.read(call, name -> name.equals(KEY) ? key(keys) : keys.get(name));
        return reading instanceof Reading.Accepted accepted && installs
                ? new Reading.Accepted(
                        accepted.events(),
                        accepted.forwarded(),
                        accepted.response(),
                        installation(accepted, keys),
                        accepted.unmatched())
                : reading;
    }

    private static Optional<String> key(IntegrationKeys keys) {
        var id = keys.get("app_id").or(() -> keys.get("client_id"));
        var secret = keys.get("private_key");
        var link = keys.get("app_link");
        return id.isEmpty() || secret.isEmpty() || link.isEmpty()
                ? Optional.empty()
                : Optional.of(Crypto.hexSha256(id.get() + secret.get() + link.get()));
    }

    /** Reads the event that an owner of the organisation has approved an installation that a user requested. */
    private static Optional<Reading.Installation> installation(Reading.Accepted accepted, IntegrationKeys keys) {
        var body = accepted.forwarded();
        var requester = Fields.text(body, "requester.login");
        var id = Fields.text(body, "installation.id");
        var app = keys.get("app_id").or(() -> keys.get("client_id")).or(() -> Fields.text(body, "installation.app_id"));
        boolean created = Fields.text(body, "action").orElse("").equals("created");
        return created && requester.isPresent() && id.isPresent() && app.isPresent()
                ? Optional.of(new Reading.Installation(
                        Map.of("app_id", app.get(), "pending", "true", "handle", requester.get()),
                        Map.of("installation_id", id.get()),
                        Optional.empty()))
                : Optional.empty();
    }
}
