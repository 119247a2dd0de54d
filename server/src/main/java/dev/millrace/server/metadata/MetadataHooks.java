package dev.millrace.server.metadata;

import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** Callbacks for changes of metadata. */
public interface MetadataHooks {
    /** Does nothing. */
    MetadataHooks NONE = new MetadataHooks() {
        @Override
        public boolean affected(Handle handle, long integrationId) {
            return false;
        }

        @Override
        public void changed(Handle handle, long connectionId, long version, JsonNode metadata) {}
    };

    /** Whether changes in this integration matter to anybody. Otherwise a change needs no transaction of its own. */
    default boolean affected(Handle handle, long integrationId) {
        return true;
    }

    /**
     * In the transaction of the change, which holds the lock of the connection's metadata.
     *
     * @param metadata the whole stored object, or JSON null
     */
    void changed(Handle handle, long connectionId, long version, JsonNode metadata);

    /** After the transaction of a write was committed. Imports have hooks of their own. */
    default void committed(Address address) {}
}
