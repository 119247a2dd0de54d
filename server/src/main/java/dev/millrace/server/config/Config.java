package dev.millrace.server.config;

import dev.millrace.server.delivery.DeliveryConfig;
import dev.millrace.server.function.js.RuntimeConfig;
import dev.millrace.server.http.HttpConfig;
import dev.millrace.server.outbound.OutboundConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The configuration of the server: one record for each feature.
 *
 * @param data the data folder: embedded database, keys
 * @param databaseUrl an external PostgreSQL instead of the embedded one
 * @param providers files or folders of provider definitions that replace built-in ones of the same name; later ones
 * replace earlier ones
 * @param encryptionKeys {@code id:base64} each, the encrypting one first; empty: kept in the data folder
 * @param environmentKeys API keys by environment name, from {@code NANGO_SECRET_KEY_<ENV>}
 * @param accountKey a UUID v4 that manages environments and API keys; the data folder keeps one by default
 * @param publicUrl how clients reach this server, for links; by default its own address
 * @param delivery how webhooks are sent
 * @param dashboard whether the dashboard is served
 */
public record Config(
        HttpConfig http,
        Path data,
        Optional<String> databaseUrl,
        List<Path> providers,
        OutboundConfig outbound,
        RuntimeConfig runtime,
        Optional<String> encryptionKeys,
        Map<String, String> environmentKeys,
        Optional<String> accountKey,
        Optional<String> publicUrl,
        DeliveryConfig delivery,
        boolean dashboard) {
    /** Webhooks are sent as usual, and there is no dashboard. */
    public Config(
            HttpConfig http,
            Path data,
            Optional<String> databaseUrl,
            List<Path> providers,
            OutboundConfig outbound,
            RuntimeConfig runtime,
            Optional<String> encryptionKeys,
            Map<String, String> environmentKeys,
            Optional<String> accountKey,
            Optional<String> publicUrl) {
        this(
                http,
                data,
                databaseUrl,
                providers,
                outbound,
                runtime,
                encryptionKeys,
                environmentKeys,
                accountKey,
                publicUrl,
                DeliveryConfig.DEFAULT,
                false);
    }

    public Config {
        providers = List.copyOf(providers);
        environmentKeys = Map.copyOf(environmentKeys);
    }

    @Override
    public String toString() {
        return "Config[http=" + http + ", data=" + data + ", databaseUrl=" + databaseUrl.map(_ -> "***")
                + ", providers=" + providers + ", outbound=" + outbound + ", runtime=" + runtime + ", encryptionKeys="
                + encryptionKeys.map(_ -> "***") + ", environmentKeys=" + environmentKeys.keySet() + ", accountKey="
                + accountKey.map(_ -> "***") + ", publicUrl="
                + publicUrl + ", delivery=" + delivery + ", dashboard=" + dashboard + ']';
    }
}
