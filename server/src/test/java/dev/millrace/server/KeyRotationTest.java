package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.KeySource;
import dev.millrace.server.encryption.KeysRefused;
import dev.millrace.server.testkit.ContactSync;
import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.MockApi;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A new key on a server that runs: everything stays readable and is sealed by it in the end. */
@Tag("slow")
@Timeout(300)
class KeyRotationTest {
    private static final ConnectionRef SECRET = new ConnectionRef("vendor", "c1");
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private static Path file(TestServer server) {
        return server.data().resolve("encryption.key");
    }

    /** As {@code keys rotate} does. */
    private static void addKey(TestServer server, int id) {
        new KeySource(server.data(), Optional.empty()).add(id);
    }

    private static void keep(TestServer server, int line) throws IOException {
        Files.writeString(file(server), Files.readAllLines(file(server)).get(line));
    }

    /** Values of every kind. */
    private static void fill(TestServer server, MockApi mock) throws IOException {
        assertThat(server.raw()
                        .patch("/environment/settings", "{\"metadata_encryption\":true}")
                        .status())
                .isEqualTo(200);
        ContactSync.deploy(server.client());
        var contacts = ContactSync.connect(server.client(), "contacts", mock);
        ContactSync.trigger(server.client(), contacts);
        ContactSync.awaitEnd(server.client(), contacts);
        server.client().createIntegration(Map.of("provider", "private-api-bearer", "unique_key", "vendor"));
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        "vendor",
                        "connection_id",
                        "c1",
                        "credentials",
                        Map.of("type", "API_KEY", "apiKey", "s3cret")));
        server.client().updateIntegration("vendor", Map.of("metadata_index", List.of("tier")));
        for (int i = 0; i < 20; i++) {
            server.client().setMetadata(SECRET, Map.of("tier", "gold", "i", i));
        }
        variable(server);
    }

    /** There is no route that sets one. */
    private static void variable(TestServer server) throws IOException {
        var key = Files.readString(file(server)).strip();
        var encryption = new Encryption(Base64.getDecoder().decode(key.substring(key.indexOf(':') + 1)));
        try (var tables = new KeyTables(server.databaseUrl())) {
            tables.execute("""
                    INSERT INTO environment_variable (environment_id, name, value)
                    SELECT id, 'COLOUR', '\\x%s' FROM environment WHERE name = 'dev'
                    """.formatted(HexFormat.of().formatHex(encryption.seal("blue"))));
        }
    }

    /** All that can be read, as it is answered: of records with their cursors. */
    private static List<String> everything(TestServer server) {
        var all = new ArrayList<String>();
        all.add(server.raw().get("/environment-variables").text());
        all.add(server.client().connection(SECRET).path("credentials").toString());
        all.add(server.raw()
                .get("/connections/c1/metadata/history?provider_config_key=vendor")
                .text());
        all.add(server.client().connection(SECRET).path("metadata").toString());
        all.add(server.raw()
                .get("/connections?metadata[tier]=gold")
                .json()
                .path("connections")
                .toString());
        // The address changes with every start.
        all.add(server.raw()
                .get("/integrations/vendor?include=credentials")
                .text()
                .replaceAll("localhost:\\d+", "localhost"));
        var cursor = "";
        do {
            var page = server.raw()
                    .send(
                            "GET",
                            "/records?model=Contact&limit=500" + cursor,
                            Map.of("Provider-Config-Key", "crm", "Connection-Id", "contacts"),
                            BodyPublishers.noBody());
            assertThat(page.status()).isEqualTo(200);
            all.add(page.text());
            cursor = page.json()
                    .path("next_cursor")
                    .asStringOpt()
                    .map(c -> "&cursor=" + c)
                    .orElse("");
        } while (!cursor.isEmpty());
        return all;
    }

    @Test
    void everything_stays_as_it_was_and_the_old_key_can_go() throws Exception {
        try (var mock = new MockApi();
                var server = TestServer.start();
                var tables = new KeyTables(server.databaseUrl())) {
            fill(server, mock);
            var before = everything(server);
            assertThat(before).hasSize(6 + 6);
            assertThat(before.subList(0, 5))
                    .allSatisfy(text -> assertThat(text).containsAnyOf("blue", "s3cret", "gold"));
            var rows = tables.texts("SELECT (dataset_id, external_id, sequence, modified, first_seen, hash, size)::text"
                    + " FROM record ORDER BY dataset_id, external_id");
            long values = tables.values(1);
            assertThat(values).isGreaterThan(3_000 + 30);

            addKey(server, 2);
            await().atMost(LONGEST_WAIT).until(() -> tables.values(2) > 0);
            while (!tables.uses().equals("1 UNUSED, 2 SEALS")) {
                assertThat(everything(server)).isEqualTo(before);
            }

            assertThat(everything(server)).isEqualTo(before);
            assertThat(tables.values(1)).isZero();
            assertThat(tables.values(2)).isEqualTo(values);
            assertThat(tables.texts("SELECT (dataset_id, external_id, sequence, modified, first_seen, hash, size)::text"
                            + " FROM record ORDER BY dataset_id, external_id"))
                    .isEqualTo(rows);

            keep(server, 0);
            tables.awaitUses("1 RETIRED, 2 SEALS");
            server.restart();
            assertThat(everything(server)).isEqualTo(before);
            assertThat(tables.uses()).isEqualTo("1 RETIRED, 2 SEALS");

            Files.write(file(server), List.of(Files.readString(file(server)).strip(), KeySource.proposal(1)));
            assertThatThrownBy(server::restart)
                    .isInstanceOf(KeysRefused.class)
                    .hasMessageContaining("never used before");
        }
    }

    @Test
    void a_key_that_is_still_needed_cannot_be_left_out() throws Exception {
        try (var server = TestServer.start();
                var tables = new KeyTables(server.databaseUrl())) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
            var custom = tables.texts("SELECT encode(custom, 'hex') FROM integration")
                    .getFirst();
            addKey(server, 2);
            tables.awaitUses("1 UNUSED, 2 SEALS");
            // As a process might write that slept through the change.
            tables.execute("UPDATE integration SET custom = '\\x" + custom + "'");
            var both = Files.readString(file(server));

            keep(server, 0);
            assertThatThrownBy(server::restart)
                    .isInstanceOf(KeysRefused.class)
                    .hasMessageContaining("key 1 is missing");
            assertThat(tables.uses()).isEqualTo("1 OPENS, 2 SEALS");

            Files.writeString(file(server), both);
            server.restart();
            tables.awaitUses("1 UNUSED, 2 SEALS");
            assertThat(tables.values(1)).isZero();
        }
    }

    @Test
    void the_way_back_is_the_same() throws Exception {
        try (var server = TestServer.start();
                var tables = new KeyTables(server.databaseUrl())) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
            addKey(server, 2);
            tables.awaitUses("1 UNUSED, 2 SEALS");

            Files.write(file(server), Files.readAllLines(file(server)).reversed());

            tables.awaitUses("1 SEALS, 2 UNUSED");
            assertThat(tables.values(2)).isZero();
        }
    }

    @Test
    void a_damaged_value_keeps_its_key_but_does_not_stop_the_others() throws Exception {
        try (var server = TestServer.start();
                var tables = new KeyTables(server.databaseUrl())) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "other"));
            tables.execute("UPDATE integration SET custom = set_byte(custom, 20, 255 - get_byte(custom, 20))"
                    + " WHERE unique_key = 'other'");

            addKey(server, 2);

            await().atMost(LONGEST_WAIT).until(() -> tables.values(1) == 1);
            assertThat(tables.uses()).isEqualTo("1 OPENS, 2 SEALS");
            assertThat(tables.texts("SELECT unique_key FROM integration WHERE get_byte(custom, 0) = 1"))
                    .containsExactly("other");
        }
    }

    @Test
    void in_a_cluster_a_key_seals_once_all_have_it() throws Exception {
        try (var one = TestServer.start();
                var two = one.startPeer();
                var tables = new KeyTables(one.databaseUrl())) {
            one.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));

            addKey(one, 2);
            tables.awaitUses("1 SEALS, 2 READY");
            one.restart();
            one.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "second"));
            assertThat(tables.uses()).isEqualTo("1 SEALS, 2 READY");
            assertThat(tables.values(2)).isZero();
            assertThat(tables.report().waitsFor()).hasSize(1);

            Files.copy(file(one), file(two), StandardCopyOption.REPLACE_EXISTING);
            tables.awaitUses("1 UNUSED, 2 SEALS");
            two.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "third"));
            assertThat(tables.values(1)).isZero();
            for (var server : List.of(one, two)) {
                assertThat(server.raw().get("/integrations").json().path("data").size())
                        .isEqualTo(3);
            }
        }
    }

    @Test
    void a_start_without_the_key_that_others_seal_with_is_refused() throws Exception {
        try (var one = TestServer.start();
                var tables = new KeyTables(one.databaseUrl())) {
            addKey(one, 2);
            tables.awaitUses("1 UNUSED, 2 SEALS");
            try (var two = one.startPeer()) {
                keep(two, 1);
                assertThatThrownBy(two::restart)
                        .isInstanceOf(KeysRefused.class)
                        .hasMessageContaining("key 2 is missing");
            }
        }
    }
}
