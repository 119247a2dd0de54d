package dev.millrace.server.provider;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** Resolves aliases: a shallow copy of the target, overridden by the alias's own keys. */
final class Aliases {
    private final Map<String, Entry> entries;

    Aliases(Map<String, Entry> entries) {
        this.entries = entries;
    }

    ObjectNode resolve(String name) {
        return resolve(name, new LinkedHashSet<>());
    }

    private ObjectNode resolve(String name, Set<String> way) {
        if (!way.add(name)) {
            throw fault("its aliases go round in a circle: " + String.join(" → ", way) + " → " + name);
        }
        var entry = entries.get(name);
        if (entry == null) {
            throw fault("alias: there is no provider '" + name + "'");
        }
        var written = written(entry, way);
        if (!written.has("alias")) {
            return written;
        }
        var target = written.get("alias");
        if (!target.isString()) {
            throw fault("alias: must be the name of a provider");
        }
        var resolved = written.objectNode();
        resolved.setAll(resolve(target.stringValue(), way));
        resolved.setAll(written);
        resolved.remove("alias");
        return resolved;
    }

    /** Faults of the target are reported for the target itself. */
    private static ObjectNode written(Entry entry, Set<String> way) {
        try {
            return entry.written();
        } catch (ProviderException e) {
            throw way.size() == 1 ? e : fault("alias: the definition of '" + entry.name() + "' has faults");
        }
    }

    private static ProviderException fault(String message) {
        return new ProviderException(List.of(message));
    }
}
