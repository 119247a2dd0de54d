package dev.millrace.server.provider;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A definition that is parsed and resolved only when somebody asks: start-up pays for none of the built-in ones. */
final class Entry {
    private final String name;
    private final Supplier<ObjectNode> source;
    private volatile @Nullable Provider provider;

    Entry(String name, Supplier<ObjectNode> source) {
        this.name = name;
        this.source = source;
    }

    String name() {
        return name;
    }

    /** The definition as written, its alias not resolved. */
    ObjectNode written() {
        return source.get();
    }

    Provider provider(Aliases aliases) {
        var known = provider;
        if (known == null) {
            known = new Provider(name, aliases.resolve(name));
            provider = known;
        }
        return known;
    }
}
