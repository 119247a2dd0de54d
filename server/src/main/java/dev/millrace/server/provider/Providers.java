package dev.millrace.server.provider;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The catalogue: the built-in definitions, then those of one's own files, later ones replacing earlier ones whole.
 * Thread-safe.
 */
public final class Providers {
    private final Map<String, Entry> entries;
    private final Aliases aliases;

    private Providers(Map<String, Entry> entries, Aliases aliases) {
        this.entries = entries;
        this.aliases = aliases;
    }

    /**
     * Reads the catalogue.
     *
     * @param extra files, or folders whose {@code *.yaml} files are read in name order
     * @throws ProviderException if a file of one's own has faults; it names them all
     */
    public static Providers load(List<Path> extra) {
        var entries = new LinkedHashMap<String, Entry>();
        BuiltIns.read().forEach((name, text) -> entries.put(name, new Entry(name, () -> BuiltIns.parse(name, text))));
        var faults = new ArrayList<String>();
        var own = new LinkedHashMap<String, DefinitionFile>();
        for (var file : DefinitionFile.in(extra, faults)) {
            file.definitions().forEach((name, definition) -> {
                entries.put(name, new Entry(name, () -> definition));
                own.put(name, file);
            });
        }
        var aliases = new Aliases(entries);
        own.forEach((name, file) -> check(aliases, name, file, faults));
        if (!faults.isEmpty()) {
            throw new ProviderException(faults);
        }
        return new Providers(entries, aliases);
    }

    private static void check(Aliases aliases, String name, DefinitionFile file, List<String> faults) {
        try {
            for (var fault : DefinitionCheck.faults(name, aliases.resolve(name))) {
                faults.add(file.path() + ": provider '" + name + "': " + fault);
            }
        } catch (ProviderException e) {
            e.faults().forEach(fault -> faults.add(file.path() + ": provider '" + name + "': " + fault));
        }
    }

    public Optional<Provider> find(String name) {
        return Optional.ofNullable(entries.get(name)).map(entry -> entry.provider(aliases));
    }

    /** Those whose name holds the text, without regard to case; in the catalogue's order. */
    public List<Provider> search(String text) {
        var wanted = text.toLowerCase(Locale.ROOT);
        return entries.values().stream()
                .filter(entry -> entry.name().toLowerCase(Locale.ROOT).contains(wanted))
                .map(entry -> entry.provider(aliases))
                .toList();
    }

    /** All names, in the catalogue's order. */
    public Collection<String> names() {
        return List.copyOf(entries.keySet());
    }
}
