package dev.millrace.server.webhook.scheme;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.WebhookReader;
import dev.millrace.server.provider.WebhookRules;
import java.util.ArrayList;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Webhooks from any sender. The settings of the integration describe them instead of a definition.
 *
 * @param kind kind of the signature: {@code hmac} or {@code token}
 * @param schemes creates the scheme from the rules
 */
record ConfiguredScheme(String kind, Function<WebhookRules, WebhookScheme> schemes) implements WebhookScheme {
    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredScheme.class);
    // The caller is unknown, so the details are written to the server's log only.
    private static final WebhookRefusal INVALID_SETTINGS =
            new WebhookRefusal(400, "webhook_invalid_settings", "The settings of the integration are wrong");

    /** The keys of the signature rule, and the settings that supply their values. */
    private static final Map<String, String> SIGNATURE = Map.of(
            "algorithm", "algorithm",
            "encoding", "encoding",
            "prefix", "prefix",
            "separator", "separator",
            "signed", "signedText");

    @Override
    public Reading read(ProviderCall call, IntegrationKeys keys) throws InterruptedException {
        var faults = new ArrayList<String>();
        var rules = WebhookReader.read(block(keys), faults);
        if (!faults.isEmpty()) {
            LOG.warn(
                    "Webhooks are refused, because the settings of their integration are wrong: {}", faults.getFirst());
            return new Reading.Refused(INVALID_SETTINGS);
        }
        return schemes.apply(rules).read(call, keys);
    }

    private ObjectNode block(IntegrationKeys keys) {
        var block = Json.object();
        var signature = block.putObject("signature").put("kind", kind);
        signature.put("from", "header." + setting(keys, "signatureHeader", "x-signature"));
        if (kind.equals("hmac")) {
            SIGNATURE.forEach((key, name) -> copy(keys, name, signature, key));
            timestamp(keys, signature);
        } else {
            copy(keys, "prefix", signature, "prefix");
        }
        copy(keys, "events", block, "events");
        block.put("type", setting(keys, "eventType", "body.type"));
        copy(keys, "eventId", block, "id");
        var by = setting(keys, "connectionFrom", "body.connectionId");
        if (by.equals("all")) {
            block.put("connections", "all");
        } else {
            block.putArray("connections")
                    .addObject()
                    .put("find", setting(keys, "connectionFind", "connection_id"))
                    .put("by", by);
        }
        return block;
    }

    private static void timestamp(IntegrationKeys keys, ObjectNode signature) {
        var header = setting(keys, "timestampHeader", "");
        if (!header.isEmpty()) {
            signature.putObject("timestamp").put("from", "header." + header);
            if (!signature.has("signed")) {
                signature.put("signed", "${timestamp}.${body}");
            }
        }
    }

    private static void copy(IntegrationKeys keys, String name, ObjectNode block, String key) {
        var value = setting(keys, name, "");
        if (!value.isEmpty()) {
            block.put(key, value);
        }
    }

    private static String setting(IntegrationKeys keys, String name, String otherwise) {
        return keys.get(name).filter(value -> !value.isEmpty()).orElse(otherwise);
    }
}
