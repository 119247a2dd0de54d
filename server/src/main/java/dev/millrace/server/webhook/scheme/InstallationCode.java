package dev.millrace.server.webhook.scheme;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Webhooks of a provider whose pages an installation begins at ({@code installation: outbound}): the one that tells of
 * it has the code for the token of the connection that waits.
 *
 * @param definition of the provider: {@code installation_webhook} says which webhook it is and for which connection
 */
record InstallationCode(WebhookScheme declared, JsonNode definition) implements WebhookScheme {
    @Override
    public Reading read(ProviderCall call, IntegrationKeys keys) throws InterruptedException {
        var reading = declared.read(call, keys);
        return reading instanceof Reading.Accepted accepted
                ? new Reading.Accepted(
                        accepted.events(),
                        accepted.forwarded(),
                        accepted.response(),
                        installation(accepted.forwarded()),
                        accepted.unmatched())
                : reading;
    }

    private Optional<Reading.Installation> installation(JsonNode body) {
        var rules = definition.path("installation_webhook");
        var code = Fields.text(
                body, definition.path("authorization_code_param_in_webhook").asString("code"));
        boolean meant = rules.path("when").properties().stream()
                .allMatch(wanted -> Fields.text(body, wanted.getKey())
                        .equals(Optional.of(wanted.getValue().asString(""))));
        var waiting = values(body, rules.path("match"));
        boolean known =
                !waiting.isEmpty() && waiting.size() == rules.path("match").size();
        if (code.isEmpty() || !meant || !known) {
            return Optional.empty();
        }
        var config = values(body, rules.path("keep"));
        for (var path : definition.path("webhook_response_metadata")) {
            Fields.text(body, path.asString("")).ifPresent(value -> config.put(path.asString(""), value));
        }
        return Optional.of(new Reading.Installation(waiting, config, code));
    }

    private static Map<String, String> values(JsonNode body, JsonNode paths) {
        var values = new LinkedHashMap<String, String>();
        for (var path : paths.properties()) {
            Fields.text(body, path.getValue().asString(""))
                    .filter(value -> !value.isEmpty())
                    .ifPresent(value -> values.put(path.getKey(), value));
        }
        return values;
    }
}
