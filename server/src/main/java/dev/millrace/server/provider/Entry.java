package dev.millrace.server.provider;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A definition that is parsed, resolved and checked when it is first used, so that the start parses none. Thread-safe.
 */
final class Entry {
    private final String name;
    private final String place;
    private final boolean builtIn;
    private final Supplier<ObjectNode> source;
    private volatile @Nullable Checked checked;

    /** The result: a provider, or the faults because of which it is left out. */
    private record Checked(Optional<Provider> provider, List<String> faults, List<String> hints) {}

    private Entry(String name, String place, boolean builtIn, Supplier<ObjectNode> source) {
        this.name = name;
        this.place = place;
        this.builtIn = builtIn;
        this.source = source;
    }

    /** A built-in definition, which the build has checked. */
    static Entry builtIn(String name) {
        return new Entry(name, "", true, () -> BuiltIns.read(name));
    }

    /** @param file that contains the definition, for messages */
    static Entry own(String name, String file, Supplier<ObjectNode> source) {
        return new Entry(name, file + ": provider '" + name + "': ", false, source);
    }

    String name() {
        return name;
    }

    boolean isBuiltIn() {
        return builtIn;
    }

    /** The definition as written, without resolving its alias. */
    ObjectNode written() {
        return source.get();
    }

    /** Empty when the definition has faults. */
    Optional<Provider> provider(Aliases aliases) {
        return checked(aliases).provider();
    }

    /** Each with file, provider and key. */
    List<String> faults(Aliases aliases) {
        return checked(aliases).faults();
    }

    /** Things that are allowed but probably a mistake. */
    List<String> hints(Aliases aliases) {
        return checked(aliases).hints();
    }

    private Checked checked(Aliases aliases) {
        var known = checked;
        if (known == null) {
            known = check(aliases);
            checked = known;
        }
        return known;
    }

    private Checked check(Aliases aliases) {
        try {
            var definition = aliases.resolve(name);
            if (builtIn) {
                return new Checked(Optional.of(new Provider(name, definition)), List.of(), List.of());
            }
            var written = written();
            var faults = DefinitionCheck.faults(name, written, definition);
            return new Checked(
                    faults.isEmpty() ? Optional.of(new Provider(name, definition)) : Optional.empty(),
                    placed(faults),
                    placed(KeyHints.of(written)));
        } catch (ProviderException e) {
            return new Checked(Optional.empty(), placed(e.faults()), List.of());
        }
    }

    private List<String> placed(List<String> texts) {
        return texts.stream().map(text -> place + text).toList();
    }
}
