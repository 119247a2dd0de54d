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

/**
 * The catalogue: the built-in definitions, then those of the user's files. Later definitions replace earlier ones of
 * the same name as a whole. A definition with faults is reported and left out. Thread-safe.
 */
public final class Providers {
    private static final Logger LOG = LoggerFactory.getLogger(Providers.class);

    private final List<Path> extra;
    private volatile Catalogue catalogue;

    /** @param faults of files that cannot be read; the entries have all others */
    private record Catalogue(Map<String, Entry> entries, Aliases aliases, List<String> faults, List<FileStamp> files) {
        List<Entry> own() {
            return entries.values().stream().filter(entry -> !entry.isBuiltIn()).toList();
        }
    }

    /** The result of checking files of definitions. */
    public record Report(int definitions, List<String> faults, List<String> hints) {
        public Report {
            faults = List.copyOf(faults);
            hints = List.copyOf(hints);
        }
    }

    private Providers(List<Path> extra, Catalogue catalogue) {
        this.extra = extra;
        this.catalogue = catalogue;
    }

    /**
     * Reads the catalogue. Definitions are parsed and checked at their first use, or all at once by {@link #check}.
     *
     * @param extra files, or folders whose {@code *.yaml} files are read in name order
     */
    public static Providers load(List<Path> extra) {
        return new Providers(extra, read(extra));
    }

    private static Catalogue read(List<Path> extra) {
        var stamps = FileStamp.of(extra);
        var entries = new LinkedHashMap<String, Entry>();
        BuiltIns.names().forEach(name -> entries.put(name, Entry.builtIn(name)));
        var faults = new ArrayList<String>();
        for (var file : DefinitionFile.in(extra, faults)) {
            file.definitions()
                    .forEach((name, source) ->
                            entries.put(name, Entry.own(name, file.path().toString(), source)));
        }
        return new Catalogue(entries, new Aliases(entries), faults, stamps);
    }

    /** Parses and checks all definitions of the user's files. */
    public Report check() {
        return check(catalogue);
    }

    private static Report check(Catalogue catalogue) {
        var faults = new ArrayList<>(catalogue.faults());
        var hints = new ArrayList<String>();
        var own = catalogue.own();
        for (var entry : own) {
            faults.addAll(entry.faults(catalogue.aliases()));
            hints.addAll(entry.hints(catalogue.aliases()));
        }
        return new Report(own.size(), faults, hints);
    }

    /** Checks all definitions and logs their faults. */
    void report() {
        log(check(), "A definition of a provider has a fault and is left out");
    }

    private static void log(Report report, String what) {
        report.faults().forEach(fault -> LOG.warn("{}: {}", what, fault));
        report.hints().forEach(hint -> LOG.warn("A provider definition: {}", hint));
    }

    /** Reads the files again if they have changed. A definition that now has faults keeps its earlier version. */
    void refresh() {
        var known = catalogue;
        if (FileStamp.of(extra).equals(known.files())) {
            return;
        }
        var fresh = read(extra);
        var report = check(fresh);
        for (var entry : fresh.own()) {
            var before = known.entries().get(entry.name());
            if (before != null
                    && entry.provider(fresh.aliases()).isEmpty()
                    && before.provider(known.aliases()).isPresent()) {
                fresh.entries().put(entry.name(), before);
            }
        }
        catalogue = fresh;
        LOG.info(
                "The provider definitions were reloaded: there are {}",
                fresh.entries().size());
        log(report, "A provider definition has a fault, its earlier version stays in use");
    }

    public Optional<Provider> find(String name) {
        var now = catalogue;
        return Optional.ofNullable(now.entries().get(name)).flatMap(entry -> entry.provider(now.aliases()));
    }

    /** Those whose name contains the text, ignoring case; in the catalogue's order. */
    public List<Provider> search(String text) {
        var now = catalogue;
        var wanted = text.toLowerCase(Locale.ROOT);
        return now.entries().values().stream()
                .filter(entry -> entry.name().toLowerCase(Locale.ROOT).contains(wanted))
                .flatMap(entry -> entry.provider(now.aliases()).stream())
                .toList();
    }

    /** All names, in the catalogue's order, including those of definitions with faults. */
    public Collection<String> names() {
        return List.copyOf(catalogue.entries().keySet());
    }
}
