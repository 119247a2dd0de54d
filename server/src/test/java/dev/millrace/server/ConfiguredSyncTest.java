package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.TestServer;
import dev.millrace.server.testkit.TrackedSync;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(300)
class ConfiguredSyncTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static final MockApi mock = new MockApi();
    private static final TrackedSync sync = new TrackedSync(server);
    private static final Map<String, ?> COMPLETE = Map.of("mock", mock.url(), "total", TrackedSync.TOTAL);

    @BeforeAll
    static void deploy() {
        sync.deploy(true);
    }

    @BeforeEach
    void defaults() {
        sync.set("metadata_validation", "off");
    }

    @AfterAll
    static void stop() {
        mock.close();
    }

    @Test
    void a_sync_starts_when_its_metadata_is_complete_and_pauses_when_it_no_longer_is() {
        sync.connect("both-ways", Map.of());
        var waiting = sync.status("both-ways");
        assertThat(waiting.path("status").asString()).isEqualTo("PAUSED");
        assertThat(waiting.path("configuration").path("complete").booleanValue())
                .isFalse();
        assertThat(waiting.path("configuration").path("problems")).hasSize(2);

        sync.setMetadata("both-ways", COMPLETE);

        var started = sync.awaitAll("both-ways");
        assertThat(started.path("configuration").toString())
                .isEqualTo("{\"startWhenConfigured\":true,\"complete\":true,\"problems\":[]}");
        assertThat(started.path("nextScheduledSyncAt").isString()).isTrue();

        sync.setMetadata("both-ways", Map.of("mock", mock.url()));

        var paused = sync.status("both-ways");
        assertThat(paused.path("status").asString()).isEqualTo("PAUSED");
        assertThat(paused.path("nextScheduledSyncAt").isNull()).isTrue();
        assertThat(paused.path("configuration").path("problems").path(0).toString())
                .isEqualTo("{\"code\":\"invalid_type\",\"message\":\"Invalid input: expected int, received undefined\","
                        + "\"path\":[\"total\"],\"function\":\"tracked\"}");
    }

    @Test
    void a_connection_that_comes_with_complete_metadata_is_synced_at_once() {
        sync.connect("complete", COMPLETE);

        sync.awaitAll("complete");
    }

    @Test
    void a_sync_paused_by_hand_stays_paused() {
        sync.connect("by-hand", COMPLETE);
        sync.awaitAll("by-hand");

        sync.command("pause", "by-hand");
        sync.setMetadata("by-hand", Map.of());
        sync.setMetadata("by-hand", COMPLETE);

        assertThat(sync.status("by-hand").path("status").asString()).isEqualTo("PAUSED");

        sync.command("start", "by-hand");

        sync.awaitStatus("by-hand", s -> s.path("status").asString("").equals("SUCCESS"));
    }

    @Test
    void what_a_connection_lacks_is_told_function_by_function() {
        sync.connect("check", Map.of("total", "many"));

        var check = server.raw().get("/connections/check/metadata/check?provider_config_key=crm");

        assertThat(check.text())
                .isEqualTo(
                        "{\"complete\":false,\"functions\":[{\"name\":\"tracked\",\"type\":\"sync\",\"complete\":false,"
                                + "\"problems\":[{\"code\":\"invalid_type\",\"message\":\"Invalid input: expected int, received"
                                + " string\",\"path\":[\"total\"],\"function\":\"tracked\"},{\"code\":\"invalid_type\",\"message\":"
                                + "\"Invalid input: expected string, received undefined\",\"path\":[\"mock\"],\"function\":"
                                + "\"tracked\"}]}]}");
        assertThat(server.raw()
                        .get("/connections/nobody/metadata/check?provider_config_key=crm")
                        .code())
                .isEqualTo("unknown_connection");
    }

    @Test
    void an_app_gets_the_schema_of_a_form() {
        var form = server.raw().get("/integrations/crm/metadata-schema").json();

        assertThat(form.at("/properties/mock/description").asString()).isEqualTo("Where items are");
        assertThat(form.at("/properties/mock/x-functions/0").asString()).isEqualTo("tracked");
        assertThat(form.at("/properties/evenOnly/default").booleanValue()).isFalse();
        assertThat(form.path("required").toString()).isEqualTo("[\"mock\",\"total\"]");
        assertThat(server.raw().get("/integrations/other/metadata-schema").status())
                .isEqualTo(404);
    }

    @Test
    void wrong_metadata_is_accepted_warned_of_or_refused_as_the_environment_wants() {
        sync.connect("guarded", Map.of("total", 1, "mock", mock.url()));
        assertThat(sync.setMetadata("guarded", Map.of("total", 1)).status()).isEqualTo(201);

        sync.set("metadata_validation", "warn");
        var warned = sync.setMetadata("guarded", Map.of("total", 2));
        assertThat(warned.status()).isEqualTo(201);
        assertThat(warned.headers().firstValue("Millrace-Warning"))
                .hasValueSatisfying(w -> assertThat(w).contains("mock"));

        sync.set("metadata_validation", "enforce");
        var refused = sync.setMetadata("guarded", Map.of("total", 0));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().path("error").path("code").asString()).isEqualTo("invalid_metadata");
        assertThat(refused.json().path("error").path("errors").toString())
                .isEqualTo(
                        "[{\"code\":\"too_small\",\"message\":\"Too small: expected number to be >=1\",\"path\":[\"total\"],"
                                + "\"function\":\"tracked\"},{\"code\":\"invalid_type\",\"message\":\"Invalid input: expected"
                                + " string, received undefined\",\"path\":[\"mock\"],\"function\":\"tracked\"}]");
        assertThat(server.client()
                        .connection(new dev.millrace.client.ConnectionRef("crm", "guarded"))
                        .path("metadata")
                        .toString())
                .isEqualTo("{\"total\":2}");
        assertThat(sync.setMetadata("guarded", COMPLETE).status()).isEqualTo(201);
    }
}
