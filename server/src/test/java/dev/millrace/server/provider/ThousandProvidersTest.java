package dev.millrace.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of definitions as large as the catalogue of the reference, in the full format. */
class ThousandProvidersTest {
    @TempDir
    private Path folder;

    @Test
    void load_without_complaint_and_all_are_as_the_library_reads_them() throws IOException {
        var one = resource();
        var tree = Yaml.MAPPER.readTree(one);
        var all = new StringBuilder();
        int copies = 0;
        for (; copies * tree.size() < 1_000; copies++) {
            all.append(renamed(one, copies));
        }
        var file = Files.writeString(folder.resolve("all.yaml"), all);

        long began = System.nanoTime();
        var providers = Providers.load(List.of(file));
        var loaded = Duration.ofNanos(System.nanoTime() - began);
        var report = providers.check();
        var checked = Duration.ofNanos(System.nanoTime() - began);

        System.out.printf(
                "%d definitions, %d kB, were loaded in %d ms and checked after %d ms%n",
                copies * tree.size(), all.length() / 1024, loaded.toMillis(), checked.toMillis());
        assertThat(report.faults()).isEmpty();
        assertThat(report.hints()).isEmpty();
        assertThat(providers.names()).hasSizeGreaterThan(1_000);
        for (var name : tree.propertyNames()) {
            var last = providers.find(name + "-" + (copies - 1)).orElseThrow();
            assertThat(last.proxy()).isNotNull();
            if (!tree.get(name).has("alias")) {
                assertThat(last.definition()).isEqualTo(tree.get(name));
            }
        }
    }

    private static String renamed(String definitions, int copy) {
        return definitions
                .replaceAll("(?m)^([a-z0-9-]+):", "$1-" + copy + ":")
                .replaceAll("(?m)^    alias: (.*)$", "    alias: $1-" + copy);
    }

    private static String resource() throws IOException {
        try (var in = ThousandProvidersTest.class.getResourceAsStream("/providers/full.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
