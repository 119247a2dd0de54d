package dev.millrace.server.metadata;

import dev.millrace.server.environment.Settings;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;

/** Hears of every change of metadata in an environment whose settings want it told. */
public interface MetadataListener {
    /** Does nothing. */
    MetadataListener NONE = new MetadataListener() {
        @Override
        public boolean wants(Settings settings) {
            return false;
        }

        @Override
        public void changed(Handle handle, long connectionId, long version, String actor, ArrayNode patch) {}
    };

    /** Whether changes matter under these settings; without anybody who cares a change needs no transaction of its own. */
    boolean wants(Settings settings);

    /**
     * In the transaction of the change, which holds the lock of the connection's metadata.
     *
     * @param patch JSON Patch (RFC 6902) from the version before
     */
    void changed(Handle handle, long connectionId, long version, String actor, ArrayNode patch);
}
