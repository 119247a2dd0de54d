package dev.millrace.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.testkit.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MigrationsTest {
    private static final Pattern FILE = Pattern.compile("V(\\d+)__\\w+\\.sql");

    @Test
    void the_version_in_the_code_is_that_of_the_newest_file() throws Exception {
        var folder = Path.of(
                Migrations.class.getResource("/db/migration/V1__schema.sql").toURI());

        try (var files = Files.list(folder.getParent())) {
            var newest = files.map(file -> FILE.matcher(file.getFileName().toString()))
                    .peek(name -> assertThat(name.matches()).as(name.toString()).isTrue())
                    .mapToInt(name -> Integer.parseInt(name.group(1)))
                    .max();

            assertThat(newest).hasValue(Migrations.NEWEST.version());
        }
    }

    @Test
    void the_checksum_in_the_code_is_that_of_the_newest_file() {
        try (var db = TestDatabase.fresh()) {
            int checksum = db.withHandle(
                    handle -> handle.createQuery("SELECT checksum FROM schema_history WHERE version = :newest")
                            .bind("newest", Integer.toString(Migrations.NEWEST.version()))
                            .mapTo(Integer.class)
                            .one());

            assertThat(Migrations.NEWEST.checksum()).isEqualTo(checksum);
        }
    }

    @Test
    void tables_of_an_unreleased_build_are_refused_in_one_line_that_says_what_to_do() {
        var url = TestDatabase.freshUrl();
        try (var db = Database.open(new DatabaseConfig(url, 2))) {
            db.useHandle(handle -> handle.execute(
                    "UPDATE schema_history SET checksum = 1 WHERE version = ?",
                    Integer.toString(Migrations.NEWEST.version())));
        }

        assertThatThrownBy(() -> Database.open(new DatabaseConfig(url, 2)))
                .isInstanceOf(DatabaseFailure.class)
                .hasMessageContaining("unreleased")
                .hasMessageContaining("Start with an empty database")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> Database.open(new DatabaseConfig(url, 2, Optional.of(Path.of("/srv/millrace")))))
                .isInstanceOf(DatabaseFailure.class)
                .hasMessageContaining("of the data folder /srv/millrace")
                .hasMessageContaining("--data");
    }
}
