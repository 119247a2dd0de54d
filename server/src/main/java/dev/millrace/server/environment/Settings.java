package dev.millrace.server.environment;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import tools.jackson.databind.node.ObjectNode;

/**
 * The settings of an environment.
 *
 * @param metadataValidation whether metadata must satisfy the schemas of the integration's functions
 * @param metadataChangePolicy what happens to a sync whose metadata changes
 * @param metadataEncryption whether metadata is encrypted at rest; it applies to each connection from its next change
 * @param metadataHistoryVersions the maximum number of versions kept of a connection's metadata
 * @param metadataHistoryDays how long they are kept
 * @param metadataMaxBytes maximum size of a connection's metadata as JSON text
 * @param metadataMaxDepth maximum levels of nesting; the object itself is the first
 * @param deleteGuardShare the percentage of a model's live records that delete tracking may delete at once; 100: all
 * @param deleteGuardCount the smallest number of deletions that the delete guard refuses, whatever the share
 * @param recordsPruneDays how long after their last change records lose their contents; 0: never
 * @param recordsDeleteDays how long after the last success of its syncs all records of a model are deleted; 0: never
 * @param functionValidation whether input and output of actions and records of syncs must satisfy their schemas
 * @param actionConcurrency how many synchronous actions may run at once, per process
 * @param actionConnectionConcurrency how many of them on one connection; 0: no separate limit
 * @param strictInvocations whether functions with the trigger {@code none} refuse calls, as in the reference
 * @param logsDays how long logs are kept; 0: for ever
 * @param functionVersions the maximum number of versions kept of each function, including the active one
 * @param oauthStateCookie whether a login must end in the browser that began it; to be switched off when another server
 * calls the callback
 * @param callbackUrl where providers redirect people after an authorisation; by default this server
 */
public record Settings(
        Validation metadataValidation,
        ChangePolicy metadataChangePolicy,
        boolean metadataEncryption,
        int metadataHistoryVersions,
        int metadataHistoryDays,
        int metadataMaxBytes,
        int metadataMaxDepth,
        int deleteGuardShare,
        int deleteGuardCount,
        int recordsPruneDays,
        int recordsDeleteDays,
        boolean functionValidation,
        int actionConcurrency,
        int actionConnectionConcurrency,
        boolean strictInvocations,
        int logsDays,
        int functionVersions,
        boolean oauthStateCookie,
        Optional<String> callbackUrl,
        WebhookSettings webhooks,
        ConnectUiSettings connectUi) {

    /** The default settings. */
    public static final Settings DEFAULTS = new Settings(
            Validation.OFF,
            ChangePolicy.IGNORE,
            false,
            50,
            90,
            1 << 20,
            100,
            90,
            10,
            30,
            60,
            false,
            500,
            0,
            false,
            15,
            20,
            true,
            Optional.empty(),
            WebhookSettings.DEFAULTS,
            ConnectUiSettings.DEFAULTS);

    private static final int MOST_VERSIONS = 10_000;
    private static final int MOST_FUNCTION_VERSIONS = 500;
    private static final int MOST_DAYS = 3_650;
    private static final int MOST_BYTES = 50 << 20;
    private static final int MOST_DEPTH = 500;
    private static final int ALL = 100;
    private static final int MOST_ACTIONS = 10_000;

    /** Whether metadata are validated when they are written. */
    public enum Validation {
        OFF,
        WARN,
        ENFORCE
    }

    /** The effect of changed metadata on a sync that has a checkpoint. */
    public enum ChangePolicy {
        IGNORE,
        RESTART
    }

    /** These settings with the given fields changed. The caller calls {@code end} on the fields. */
    Settings changed(Fields fields, UrlRule rule) {
        return new Settings(
                choice(fields, "metadata_validation", Validation.values(), metadataValidation),
                choice(fields, "metadata_change_policy", ChangePolicy.values(), metadataChangePolicy),
                fields.optionalFlag("metadata_encryption", metadataEncryption),
                fields.optionalInt("metadata_history_versions", 1, MOST_VERSIONS)
                        .orElse(metadataHistoryVersions),
                fields.optionalInt("metadata_history_days", 1, MOST_DAYS).orElse(metadataHistoryDays),
                fields.optionalInt("metadata_max_bytes", 2, MOST_BYTES).orElse(metadataMaxBytes),
                fields.optionalInt("metadata_max_depth", 1, MOST_DEPTH).orElse(metadataMaxDepth),
                fields.optionalInt("delete_guard_share", 0, ALL).orElse(deleteGuardShare),
                fields.optionalInt("delete_guard_count", 0, Integer.MAX_VALUE).orElse(deleteGuardCount),
                fields.optionalInt("records_prune_days", 0, MOST_DAYS).orElse(recordsPruneDays),
                fields.optionalInt("records_delete_days", 0, MOST_DAYS).orElse(recordsDeleteDays),
                fields.optionalFlag("function_validation", functionValidation),
                fields.optionalInt("action_concurrency", 1, MOST_ACTIONS).orElse(actionConcurrency),
                fields.optionalInt("action_connection_concurrency", 0, MOST_ACTIONS)
                        .orElse(actionConnectionConcurrency),
                fields.optionalFlag("strict_invocations", strictInvocations),
                fields.optionalInt("logs_days", 0, MOST_DAYS).orElse(logsDays),
                fields.optionalInt("function_versions", 1, MOST_FUNCTION_VERSIONS)
                        .orElse(functionVersions),
                fields.optionalFlag("oauth_state_cookie", oauthStateCookie),
                rule.read(fields, "callback_url", callbackUrl),
                group(fields, "webhooks", webhooks, (group, before) -> before.changed(group, rule)),
                group(fields, "connect_ui", connectUi, (group, before) -> before.changed(group)));
    }

    private static <G> G group(Fields fields, String name, G before, BiFunction<Fields, G, G> change) {
        if (!fields.has(name)) {
            return before;
        }
        var group = fields.object(name);
        var changed = change.apply(group, before);
        group.close();
        return changed;
    }

    private static <E extends Enum<E>> E choice(Fields fields, String name, E[] values, E otherwise) {
        List<String> words = Arrays.stream(values).map(Settings::word).toList();
        return fields.optionalChoice(name, words)
                .map(word -> values[words.indexOf(word)])
                .orElse(otherwise);
    }

    ObjectNode json() {
        var json = Json.object()
                .put("metadata_validation", word(metadataValidation))
                .put("metadata_change_policy", word(metadataChangePolicy))
                .put("metadata_encryption", metadataEncryption)
                .put("metadata_history_versions", metadataHistoryVersions)
                .put("metadata_history_days", metadataHistoryDays)
                .put("metadata_max_bytes", metadataMaxBytes)
                .put("metadata_max_depth", metadataMaxDepth)
                .put("delete_guard_share", deleteGuardShare)
                .put("delete_guard_count", deleteGuardCount)
                .put("records_prune_days", recordsPruneDays)
                .put("records_delete_days", recordsDeleteDays)
                .put("function_validation", functionValidation)
                .put("action_concurrency", actionConcurrency)
                .put("action_connection_concurrency", actionConnectionConcurrency)
                .put("strict_invocations", strictInvocations)
                .put("logs_days", logsDays)
                .put("function_versions", functionVersions)
                .put("oauth_state_cookie", oauthStateCookie)
                .put("callback_url", callbackUrl.orElse(null));
        json.set("webhooks", webhooks.json());
        json.set("connect_ui", connectUi.json());
        return json;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
