package dev.millrace.server.delivery;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.metadata.MetadataListener;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;

/**
 * Adds a webhook to the outbox when the metadata of a connection changes, if the environment enables it. Thread-safe.
 */
public final class MetadataWebhooks implements MetadataListener {
    private final WebhookOutbox outbox;
    private final Connections connections;

    public MetadataWebhooks(WebhookOutbox outbox, Connections connections) {
        this.outbox = outbox;
        this.connections = connections;
    }

    @Override
    public boolean wants(Settings settings) {
        return settings.webhooks().onMetadataChange();
    }

    @Override
    public void changed(Handle handle, long connectionId, long version, String actor, ArrayNode patch) {
        connections
                .find(handle, connectionId)
                .ifPresent(connection -> outbox.metadataChanged(handle, Subject.of(connection), version, actor, patch));
    }
}
