package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** The page of the documentation that lists the definitions which come with the server. */
final class CataloguePage {
    static final String COMMAND = "mvn -o test -pl server -am -Dtest='Catalogue*Test'"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dmillrace.rewrite=true";

    private CataloguePage() {}

    static String of(List<Provider> providers) {
        var sections = new TreeMap<String, List<Provider>>();
        for (var provider : providers) {
            var category = provider.definition().path("categories").path(0).asString("other");
            sections.computeIfAbsent(category, _ -> new ArrayList<>()).add(provider);
        }
        var page = new StringBuilder("""
                # Providers

                The definitions that come with Millrace: %d, by their first category. Most were written from knowledge of the
                providers' public documentation and not compared with it again; no test calls a real API. Try an integration before
                you rely on it. [Providers of your own](guides/providers.md) says how to add definitions or to replace one of these.
                "Pages" tells whether a definition has defaults for `nango.paginate()`.

                This page is generated from the definitions. After a change to them, rewrite it and the expected requests:

                ```text
                %s
                ```
                """.formatted(providers.size(), COMMAND));
        sections.forEach((category, listed) -> {
            page.append("\n## ")
                    .append(category)
                    .append("\n\n| provider | name | auth mode | pages | documentation |\n");
            page.append("| --- | --- | --- | --- | --- |\n");
            listed.stream()
                    .sorted(Comparator.comparing(
                            provider -> provider.displayName().toLowerCase(Locale.ROOT)))
                    .forEach(provider -> page.append("| %s | `%s` | %s | %s | <%s> |%n"
                            .formatted(
                                    provider.displayName(),
                                    provider.name(),
                                    provider.authMode(),
                                    provider.proxy().paginate().isPresent() ? "yes" : "no",
                                    provider.text("docs").orElse(""))));
        });
        return page.toString();
    }
}
