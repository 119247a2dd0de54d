package dev.millrace.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("slow")
class DatabaseFailureTest {
    @ParameterizedTest
    @CsvSource({
        "postgres://me:s3cret@127.0.0.1:1/app, at 127.0.0.1:1/app: Connection to 127.0.0.1:1 refused.",
        "jdbc:postgresql://127.0.0.1:1/app?user=me&password=s3cret, at 127.0.0.1:1/app: Connection to 127.0.0.1:1 refused.",
        "postgres://me:s3cret@nowhere.invalid/app, at nowhere.invalid/app: the name of the host cannot be resolved.",
    })
    void a_database_that_cannot_be_reached_is_named_in_one_line_without_the_password(String url, String told) {
        var failure = catchThrowable(() -> Database.open(new DatabaseConfig(url, 2)));

        assertThat(failure)
                .isInstanceOf(DatabaseFailure.class)
                .hasMessageStartingWith("Cannot connect to the PostgreSQL " + told)
                .hasMessageContaining("DATABASE_URL");
        assertThat(failure.getMessage()).doesNotContain("s3cret", "\n");
    }

    @Test
    void a_fault_of_ours_keeps_its_stack_trace() {
        assertThat(DatabaseFailure.migrating(
                        new DatabaseConfig("postgres://localhost/app", 1), new IllegalStateException("bug")))
                .isEmpty();
    }
}
