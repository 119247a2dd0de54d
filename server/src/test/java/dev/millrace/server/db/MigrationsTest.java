package dev.millrace.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MigrationsTest {
    private static final Pattern FILE = Pattern.compile("V(\\d+)__\\w+\\.sql");

    @Test
    void the_number_in_the_code_is_that_of_the_newest_file() throws Exception {
        var folder = Path.of(
                Migrations.class.getResource("/db/migration/V1__schema.sql").toURI());

        try (var files = Files.list(folder.getParent())) {
            var newest = files.map(file -> FILE.matcher(file.getFileName().toString()))
                    .peek(name -> assertThat(name.matches()).as(name.toString()).isTrue())
                    .mapToInt(name -> Integer.parseInt(name.group(1)))
                    .max();

            assertThat(newest).hasValue(Migrations.newest());
        }
    }
}
