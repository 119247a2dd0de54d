package dev.millrace.server.environment;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where webhooks of an environment are sent, and which ones.
 *
 * @param primaryUrl receives all webhooks
 * @param secondaryUrl receives all webhooks too
 * @param retryForADay whether attempts continue after the first three have failed
 * @param limitInbound whether webhooks of providers beyond the limit of a minute are refused
 * @param keepDays how long events and their deliveries are kept
 */
public record WebhookSettings(
        Optional<String> primaryUrl,
        Optional<String> secondaryUrl,
        boolean onAuthCreation,
        boolean onAuthRefreshError,
        boolean onSyncCompletionAlways,
        boolean onSyncError,
        boolean onAsyncActionCompletion,
        boolean onConnectionDeletion,
        boolean onMetadataChange,
        boolean retryForADay,
        boolean limitInbound,
        int keepDays) {
    static final WebhookSettings DEFAULTS = new WebhookSettings(
            Optional.empty(), Optional.empty(), true, true, true, true, true, true, false, true, false, 7);

    private static final int MOST_DAYS = 365;

    WebhookSettings changed(Fields fields, UrlRule rule) {
        return new WebhookSettings(
                rule.read(fields, "primary_url", primaryUrl),
                rule.read(fields, "secondary_url", secondaryUrl),
                fields.optionalFlag("on_auth_creation", onAuthCreation),
                fields.optionalFlag("on_auth_refresh_error", onAuthRefreshError),
                fields.optionalFlag("on_sync_completion_always", onSyncCompletionAlways),
                fields.optionalFlag("on_sync_error", onSyncError),
                fields.optionalFlag("on_async_action_completion", onAsyncActionCompletion),
                fields.optionalFlag("on_connection_deletion", onConnectionDeletion),
                fields.optionalFlag("on_metadata_change", onMetadataChange),
                fields.optionalFlag("retry_for_a_day", retryForADay),
                fields.optionalFlag("limit_inbound", limitInbound),
                fields.optionalInt("keep_days", 2, MOST_DAYS).orElse(keepDays));
    }

    ObjectNode json() {
        return Json.object()
                .put("primary_url", primaryUrl.orElse(null))
                .put("secondary_url", secondaryUrl.orElse(null))
                .put("on_auth_creation", onAuthCreation)
                .put("on_auth_refresh_error", onAuthRefreshError)
                .put("on_sync_completion_always", onSyncCompletionAlways)
                .put("on_sync_error", onSyncError)
                .put("on_async_action_completion", onAsyncActionCompletion)
                .put("on_connection_deletion", onConnectionDeletion)
                .put("on_metadata_change", onMetadataChange)
                .put("retry_for_a_day", retryForADay)
                .put("limit_inbound", limitInbound)
                .put("keep_days", keepDays);
    }
}
