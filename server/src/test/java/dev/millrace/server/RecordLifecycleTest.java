package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ShelfSync;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose records go when something is deleted, and what counts as a change of a record. */
@Tag("slow")
@Timeout(300)
class RecordLifecycleTest {
    private static final Map<String, ?> THREE = Map.of("count", 3, "stamp", "then");
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private final TestServer server = TestServer.start();
    private final ShelfSync sync = new ShelfSync(server);

    @org.junit.jupiter.api.AfterEach
    void stop() {
        server.close();
    }

    private void awaitDatasets(String... wanted) {
        await().atMost(LONGEST_WAIT)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(sync.datasets()).containsExactly(wanted));
    }

    private RawClient.Reply variant(String method, String sync, String variant) {
        return server.raw()
                .send(
                        method,
                        "/sync/" + sync + "/variant/" + variant,
                        "{\"provider_config_key\": \"crm\", \"connection_id\": \"c1\"}");
    }

    @Test
    void a_variant_has_records_of_its_own_and_takes_them_along() {
        sync.deploy(ShelfSync.function("items"));
        sync.connect("c1");
        sync.run("c1", "items", THREE);
        assertThat(variant("POST", "items", "eu").status()).isEqualTo(200);
        assertThat(variant("POST", "items", "us").status()).isEqualTo(200);
        sync.run("c1", "items::eu", THREE);
        sync.run("c1", "items::us", THREE);
        assertThat(sync.status("c1", "items::eu").at("/recordCount/Item").intValue())
                .isEqualTo(3);

        assertThat(variant("DELETE", "items", "eu").status()).isEqualTo(200);

        awaitDatasets("c1/Item: 3", "c1/Item::us: 3");
        assertThat(sync.records("c1", "&variant=eu").size()).isZero();
        assertThat(variant("DELETE", "items", "eu").status()).isEqualTo(404);
        assertThat(sync.texts("SELECT key FROM checkpoint ORDER BY key"))
                .containsExactly("sync:items:base", "sync:items:us");
    }

    @Test
    void a_removed_function_takes_along_what_no_other_one_writes() {
        sync.deploy(ShelfSync.function("one"), ShelfSync.function("two"));
        sync.connect("c1");
        sync.connect("c2");
        for (var connection : List.of("c1", "c2")) {
            sync.run(connection, "one", THREE);
            sync.run(connection, "two", THREE);
        }

        sync.deploy(ShelfSync.function("one"));
        await().atMost(LONGEST_WAIT).until(() -> sync.texts("""
                SELECT task_name FROM scheduled_tasks WHERE task_name = 'purge-sync'
                """).isEmpty());
        assertThat(sync.datasets()).containsExactly("c1/Item: 3", "c2/Item: 3");

        sync.deploy(ShelfSync.function("other", Map.of("Thing", Map.of())));
        awaitDatasets();
        assertThat(sync.texts("SELECT key FROM checkpoint")).isEmpty();

        // Deployed again it starts from nothing.
        sync.deploy(ShelfSync.function("one"));
        var status = sync.run("c1", "one", THREE);
        assertThat(status.at("/latestResult/Item/added").intValue()).isEqualTo(3);
    }

    @Test
    void a_removed_function_leaves_no_window_open_on_records_that_stay() {
        sync.deploy(ShelfSync.function("one"), ShelfSync.function("two"));
        sync.connect("c1");
        sync.run("c1", "one", Map.of("count", 300));
        sync.run("c1", "two", Map.of("count", 20, "track", true));
        assertThat(sync.texts("SELECT sync_key FROM delete_tracking")).containsExactly("sync:two:base");

        sync.deploy(ShelfSync.function("one"));

        await().atMost(LONGEST_WAIT)
                .untilAsserted(() -> assertThat(sync.texts("SELECT sync_key FROM delete_tracking"))
                        .isEmpty());
        assertThat(sync.texts("SELECT windows::text FROM dataset")).containsExactly("0");
        assertThat(sync.texts("SELECT id::text FROM seen_slice")).isEmpty();
        assertThat(sync.datasets()).containsExactly("c1/Item: 300");
    }

    @Test
    void a_model_taken_off_a_sync_keeps_its_records() {
        sync.deploy(ShelfSync.function("items", Map.of("Item", Map.of(), "Thing", Map.of())));
        sync.connect("c1");
        sync.run("c1", "items", THREE);

        sync.deploy(ShelfSync.function("items", Map.of("Thing", Map.of())));

        assertThat(sync.records("c1", "").size()).isEqualTo(3);
    }

    @Test
    void connections_and_integrations_take_along_all_their_records() {
        sync.deploy(ShelfSync.function("items"));
        sync.connect("c1");
        sync.connect("c2");
        sync.run("c1", "items", THREE);
        sync.run("c2", "items", THREE);

        assertThat(server.raw()
                        .send("DELETE", "/connections/c1?provider_config_key=crm", "{}")
                        .status())
                .isEqualTo(200);
        awaitDatasets("c2/Item: 3");

        assertThat(server.raw().send("DELETE", "/integrations/crm", "{}").status())
                .isEqualTo(200);
        awaitDatasets();
        assertThat(sync.texts("SELECT external_id FROM record")).isEmpty();
    }

    @Test
    void values_that_do_not_count_are_stored_without_a_change() {
        var schema = Map.of("Item", Map.of("type", "object", "changeInsensitive", List.of("fetchedAt")));
        sync.deploy(ShelfSync.function("items", schema));
        sync.connect("c1");
        sync.run("c1", "items", THREE);
        var before = sync.records("c1", "").get(0);

        var status = sync.run("c1", "items", Map.of("count", 4, "stamp", "now"));

        assertThat(status.at("/latestResult/Item/updated").intValue()).isZero();
        assertThat(status.at("/latestResult/Item/added").intValue()).isEqualTo(1);
        var after = sync.records("c1", "").get(0);
        assertThat(after.get("fetchedAt").stringValue()).isEqualTo("now");
        assertThat(after.get("_nango_metadata")).isEqualTo(before.get("_nango_metadata"));
    }

    @Test
    void a_deploy_whose_model_asks_for_what_cannot_be_is_refused_whole() {
        sync.deploy(ShelfSync.function("items"));

        var path =
                sync.deploy(ShelfSync.function("other", Map.of("Item", Map.of("changeInsensitive", List.of("a..b")))));
        var guard = sync.deploy(ShelfSync.function(
                "other", Map.of("Item", Map.of("deleteGuard", Map.of("share", 120, "count", 1)))));

        assertThat(path.status()).isEqualTo(400);
        assertThat(path.text()).contains("deploy_invalid_model", "other", "Item", "a..b", "write for example");
        assertThat(guard.text()).contains("share is 120", "from 0 to 100");
        assertThat(sync.texts("SELECT name FROM function WHERE active")).containsExactly("items");
    }

    @Test
    void what_grows_old_is_pruned_and_what_no_sync_keeps_up_is_removed() {
        sync.deploy(ShelfSync.function("items"), ShelfSync.function("other", Map.of("Item", Map.of())));
        for (var connection : List.of("young", "old", "lost", "kept")) {
            sync.connect(connection);
            sync.run(connection, "items", THREE);
        }
        sync.update("UPDATE record SET modified = modified - 31 * 86400000000");
        sync.update("UPDATE dataset SET pruned_until = 0");
        sync.run("young", "items", Map.of("count", 3, "stamp", "now"));
        sync.update("""
                UPDATE dataset SET last_modified = last_modified - 61 * 86400000000
                 WHERE connection_id IN (SELECT id FROM connection WHERE connection_id IN ('lost', 'kept'))
                """);
        sync.update("""
                UPDATE sync SET created_at = created_at - interval '61 days', succeeded_at = succeeded_at - interval '61 days'
                 WHERE connection_id IN (SELECT id FROM connection WHERE connection_id = 'lost')
                """);

        server.restart();

        awaitDatasets("kept/Item: 3", "old/Item: 3", "young/Item: 3");
        await().atMost(LONGEST_WAIT)
                .untilAsserted(() -> assertThat(sync.texts("SELECT external_id FROM record WHERE pruned IS NOT NULL"))
                        .hasSize(6));
        assertThat(sync.records("young", "").get(0).has("name")).isTrue();
        assertThat(sync.records("old", "").get(0).has("name")).isFalse();
        assertThat(sync.status("old", "items").at("/recordCount/Item").intValue())
                .isEqualTo(3);
    }

    @Test
    void an_environment_may_keep_its_records_for_ever() {
        sync.deploy(ShelfSync.function("items"));
        sync.connect("c1");
        sync.run("c1", "items", THREE);
        server.raw().patch("/environment/settings", "{\"records_prune_days\": 0, \"records_delete_days\": 0}");
        sync.update("UPDATE record SET modified = modified - 400 * 86400000000");
        sync.update("UPDATE dataset SET pruned_until = 0, last_modified = last_modified - 400 * 86400000000");
        sync.update("UPDATE sync SET created_at = created_at - interval '400 days', succeeded_at = NULL");

        server.restart();

        await().atMost(LONGEST_WAIT).until(() -> sync.texts("""
                        SELECT 1 FROM scheduled_tasks
                         WHERE task_name = 'record-retention' AND execution_time > now() + interval '10 minutes'
                        """).size() == 1);
        assertThat(sync.datasets()).containsExactly("c1/Item: 3");
        assertThat(sync.texts("SELECT external_id FROM record WHERE pruned IS NOT NULL"))
                .isEmpty();
    }
}
