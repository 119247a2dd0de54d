package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.ShelfSync;
import dev.millrace.server.testkit.TestServer;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** An answer of a broken API that holds too little must not wipe out what a customer has. */
@Tag("slow")
@Timeout(300)
class DeleteGuardTest {
    private static final String CONFIRM = "{\"confirmDeletes\": true}";

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static ShelfSync sync;

    @BeforeAll
    static void deploy() {
        sync = new ShelfSync(server);
        var deprecated = ShelfSync.function("deprecated");
        deprecated.put("track_deletes", true);
        var own = ShelfSync.function(
                "own", Map.of("Item", Map.of("type", "object", "deleteGuard", Map.of("share", 99, "count", 0))));
        var off = ShelfSync.function("off", Map.of("Item", Map.of("type", "object", "deleteGuard", false)));
        assertThat(sync.deploy(ShelfSync.function("items"), deprecated, own, off)
                        .status())
                .isEqualTo(200);
    }

    private static Map<String, ?> saving(int count) {
        return Map.of("count", count, "track", true);
    }

    private static String outcome(JsonNode status) {
        return status.path("latestExecutionStatus").asString() + " deleted "
                + status.at("/latestResult/Item/deleted").asInt(0) + ", live "
                + status.at("/recordCount/Item").asInt(-1);
    }

    private static String error() {
        return sync.texts("SELECT error::text FROM run ORDER BY id DESC LIMIT 1")
                .getFirst();
    }

    @Test
    void a_run_that_would_delete_too_much_fails_until_someone_confirms() {
        sync.connect("c1");
        sync.run("c1", "items", saving(300));

        assertThat(outcome(sync.run("c1", "items", saving(20)))).isEqualTo("STOPPED deleted 0, live 300");
        assertThat(error())
                .contains("Refused to delete more than 270 of the 300 live records of model 'Item'")
                .contains("opts.confirmDeletes");
        assertThat(outcome(sync.run("c1", "items", saving(20), CONFIRM))).isEqualTo("SUCCESS deleted 280, live 20");
        // A confirmation is good for one run.
        sync.run("c1", "items", saving(300));
        assertThat(outcome(sync.run("c1", "items", saving(20)))).isEqualTo("STOPPED deleted 0, live 300");
    }

    @Test
    void an_ordinary_deletion_passes() {
        sync.connect("c2");
        sync.run("c2", "items", saving(250));

        assertThat(outcome(sync.run("c2", "items", saving(110)))).isEqualTo("SUCCESS deleted 140, live 110");
        assertThat(outcome(sync.run("c2", "items", saving(11)))).isEqualTo("SUCCESS deleted 99, live 11");
    }

    @Test
    void all_of_ten_records_are_held_and_all_of_nine_are_not() {
        sync.connect("c7");
        sync.run("c7", "items", saving(10));

        assertThat(outcome(sync.run("c7", "items", saving(0)))).isEqualTo("STOPPED deleted 0, live 10");
        assertThat(error()).contains("delete_guard");
        assertThat(outcome(sync.run("c7", "items", saving(9)))).isEqualTo("SUCCESS deleted 1, live 9");
        assertThat(outcome(sync.run("c7", "items", saving(0)))).isEqualTo("SUCCESS deleted 9, live 0");
    }

    @Test
    void a_function_cannot_swallow_the_refusal() {
        sync.connect("c3");
        sync.run("c3", "items", saving(300));

        var ended = sync.run("c3", "items", Map.of("count", 20, "track", true, "swallow", true));

        assertThat(outcome(ended)).isEqualTo("STOPPED deleted 0, live 300");
        assertThat(error()).contains("delete_guard");
    }

    @Test
    void the_deprecated_option_is_guarded_too() {
        sync.connect("c4");
        sync.run("c4", "deprecated", Map.of("count", 300));

        assertThat(outcome(sync.run("c4", "deprecated", Map.of("count", 20)))).isEqualTo("STOPPED deleted 0, live 300");
        assertThat(outcome(sync.run("c4", "deprecated", Map.of("count", 20), CONFIRM)))
                .isEqualTo("SUCCESS deleted 280, live 20");
    }

    @Test
    void a_model_may_have_a_guard_of_its_own_or_none() {
        sync.connect("c5");
        sync.run("c5", "own", saving(200));
        assertThat(outcome(sync.run("c5", "own", saving(2)))).isEqualTo("SUCCESS deleted 198, live 2");
        assertThat(outcome(sync.run("c5", "own", saving(0)))).isEqualTo("STOPPED deleted 0, live 2");

        sync.connect("c6");
        sync.run("c6", "off", saving(200));
        assertThat(outcome(sync.run("c6", "off", saving(0)))).isEqualTo("SUCCESS deleted 200, live 0");
    }

    @Test
    void an_environment_may_move_the_limit() {
        try (var other = TestServer.start()) {
            var shelf = new ShelfSync(other);
            shelf.deploy(ShelfSync.function("items"));
            shelf.connect("c1");
            shelf.run("c1", "items", saving(50));
            var changed = other.raw()
                    .patch("/environment/settings", "{\"delete_guard_share\": 10, \"delete_guard_count\": 4}");
            assertThat(changed.status()).isEqualTo(200);

            assertThat(outcome(shelf.run("c1", "items", saving(44)))).isEqualTo("STOPPED deleted 0, live 50");
            assertThat(outcome(shelf.run("c1", "items", saving(45)))).isEqualTo("SUCCESS deleted 5, live 45");
            assertThat(other.raw()
                            .patch("/environment/settings", "{\"delete_guard_share\": 101}")
                            .text())
                    .contains("too_big", "delete_guard_share");
        }
    }
}
