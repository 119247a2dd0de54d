package dev.millrace.server.provider;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The catalogue: the built-in definitions, then those of one's own files, later ones replacing earlier ones whole.
 * Thread-safe.
 */
public final class Providers {
    private static final Logger log = LoggerFactory.getLogger(Providers.class);

    private final List<Path> extra;
    private volatile Catalogue catalogue;

    private record Catalogue(Map<String, Entry> entries, Aliases aliases, List<FileStamp> files) {}

    private Providers(List<Path> extra, Catalogue catalogue) {
        this.extra = extra;
        this.catalogue = catalogue;
    }

    /**
     * Reads the catalogue.
     *
     * @param extra files, or folders whose {@code *.yaml} files are read in name order
     * @throws ProviderException if a file of one's own has faults; it names them all
     */
    public static Providers load(List<Path> extra) {
        return new Providers(extra, read(extra, FileStamp.of(extra)));
    }

    private static Catalogue read(List<Path> extra, List<FileStamp> files) {
        var entries = new LinkedHashMap<String, Entry>();
        BuiltIns.read().forEach((name, text) -> entries.put(name, new Entry(name, () -> BuiltIns.parse(name, text))));
        var faults = new ArrayList<String>();
        var own = new LinkedHashMap<String, Own>();
        for (var file : DefinitionFile.in(extra, faults)) {
            file.definitions().forEach((name, definition) -> {
                entries.put(name, new Entry(name, () -> definition));
                own.put(name, new Own(name, file.path(), definition));
            });
        }
        var aliases = new Aliases(entries);
        own.values().parallelStream()
                .map(definition -> faults(aliases, definition))
                .toList()
                .forEach(faults::addAll);
        if (!faults.isEmpty()) {
            throw new ProviderException(faults);
        }
        return new Catalogue(entries, aliases, files);
    }

    /** A definition of one's own, its alias not resolved. */
    private record Own(String name, Path file, ObjectNode written) {}

    private static List<String> faults(Aliases aliases, Own own) {
        List<String> faults;
        try {
            faults = DefinitionCheck.faults(own.name(), own.written(), aliases.resolve(own.name()));
        } catch (ProviderException e) {
            faults = e.faults();
        }
        return faults.stream()
                .map(fault -> own.file() + ": provider '" + own.name() + "': " + fault)
                .toList();
    }

    /** Reads the files again if they have changed; what has faults is logged, and all stays as it was. */
    void refresh() {
        var files = FileStamp.of(extra);
        var known = catalogue;
        if (files.equals(known.files())) {
            return;
        }
        try {
            catalogue = read(extra, files);
            log.info(
                    "The definitions of providers were read again: there are {}",
                    catalogue.entries().size());
        } catch (ProviderException e) {
            // Remembered, so that it is not said again before the next change.
            catalogue = new Catalogue(known.entries(), known.aliases(), files);
            log.warn(
                    "The definitions of providers have changed, but have faults; the earlier ones stay:\n{}",
                    e.getMessage());
        }
    }

    public Optional<Provider> find(String name) {
        var now = catalogue;
        return Optional.ofNullable(now.entries().get(name)).map(entry -> entry.provider(now.aliases()));
    }

    /** Those whose name holds the text, without regard to case; in the catalogue's order. */
    public List<Provider> search(String text) {
        var now = catalogue;
        var wanted = text.toLowerCase(Locale.ROOT);
        return now.entries().values().stream()
                .filter(entry -> entry.name().toLowerCase(Locale.ROOT).contains(wanted))
                .map(entry -> entry.provider(now.aliases()))
                .toList();
    }

    /** All names, in the catalogue's order. */
    public Collection<String> names() {
        return List.copyOf(catalogue.entries().keySet());
    }
}
