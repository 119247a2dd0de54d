package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.KeySource;
import dev.millrace.server.encryption.KeysRefused;
import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.TestConfig;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestFolder;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Starts with the right keys, with wrong ones, and without. */
@Tag("slow")
@Timeout(300)
class KeyStartTest {
    private static final ConnectionRef C1 = new ConnectionRef("crm", "c1");

    private static Path file(TestServer server) {
        return server.data().resolve("encryption.key");
    }

    private static TestServer server() {
        var server = TestServer.start();
        server.client().createIntegration(Map.of("provider", "private-api-bearer", "unique_key", "crm"));
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        "crm",
                        "connection_id",
                        "c1",
                        "credentials",
                        Map.of("type", "API_KEY", "apiKey", "s3cret")));
        return server;
    }

    private static String secret(TestServer server) {
        return server.client().connection(C1).path("credentials").path("apiKey").asString();
    }

    /** Starts again with these keys; the message of the refusal. */
    private static String refusal(TestServer server, String... keys) throws IOException {
        Files.write(file(server), List.of(keys));
        var message = new StringBuilder();
        assertThatThrownBy(server::restart)
                .isInstanceOf(KeysRefused.class)
                .satisfies(e -> message.append(e.getMessage()));
        return message.toString();
    }

    @Test
    void a_wrong_key_is_refused_and_the_right_one_finds_everything() throws IOException {
        try (var server = server()) {
            var right = Files.readString(file(server)).strip();

            assertThat(refusal(server, KeySource.proposal(1)))
                    .contains("encryption key 1", file(server).toString(), "backup", "Nothing was changed");
            assertThat(refusal(server, KeySource.proposal(2), KeySource.proposal(1)))
                    .contains("encryption key 1");

            Files.writeString(file(server), right);
            server.restart();
            assertThat(secret(server)).isEqualTo("s3cret");
        }
    }

    @Test
    void a_missing_key_is_refused_and_no_new_one_is_made() throws IOException {
        try (var server = server()) {
            var right = Files.readString(file(server)).strip();
            Files.delete(file(server));

            assertThatThrownBy(server::restart)
                    .isInstanceOf(KeysRefused.class)
                    .hasMessageContaining("sealed by key 1")
                    .hasMessageContaining("backup");
            assertThat(file(server)).doesNotExist();
            assertThat(refusal(server, KeySource.proposal(7))).contains("key 1 is missing", "1:<its base64>");

            Files.writeString(file(server), right);
            server.restart();
            assertThat(secret(server)).isEqualTo("s3cret");
        }
    }

    @Test
    void a_database_from_before_is_checked_against_what_it_holds() throws IOException {
        try (var server = server();
                var tables = new KeyTables(server.databaseUrl())) {
            server.client().updateIntegration("crm", Map.of("metadata_index", List.of("tier")));
            server.client().setMetadata(C1, Map.of("tier", "gold"));
            var right = Files.readString(file(server)).strip();
            var plain = right.substring(right.indexOf(':') + 1);
            asBefore(tables, plain);

            assertThat(refusal(server, KeySource.proposal(1))).contains("encryption key 1");
            assertThat(refusal(server, KeySource.proposal(2))).contains("key 1 is missing");
            Files.delete(file(server));
            assertThatThrownBy(server::restart).hasMessageContaining("sealed by key 1");
            assertThat(tables.texts("SELECT id FROM encryption_key")).isEmpty();

            Files.writeString(file(server), plain);
            server.restart();
            assertThat(secret(server)).isEqualTo("s3cret");
            assertThat(tables.uses()).isEqualTo("1 SEALS");
            assertThat(found(server)).containsExactly("c1");
        }
    }

    /** Makes it what an earlier version would have left: no keys noted, fingerprints by a key derived from key 1. */
    private static void asBefore(KeyTables tables, String base64) {
        var encryption = new Encryption(Base64.getDecoder().decode(base64));
        var environment =
                tables.texts("SELECT environment_id FROM metadata_index").getFirst();
        var digest = encryption.fingerprint((environment + "\0tier\0gold").getBytes(StandardCharsets.UTF_8));
        tables.execute(
                "UPDATE metadata_index SET digest = '\\x" + HexFormat.of().formatHex(digest, 0, 16) + "'");
        for (var table : List.of("encryption_rotation", "encryption_secret", "encryption_key")) {
            tables.execute("DELETE FROM " + table);
        }
    }

    private static List<String> found(TestServer server) {
        return server.raw()
                .get("/connections?metadata[tier]=gold")
                .json()
                .path("connections")
                .valueStream()
                .map(c -> c.path("connection_id").asString())
                .toList();
    }

    @Test
    void an_unused_key_may_be_replaced_or_removed() throws IOException {
        try (var server = server();
                var tables = new KeyTables(server.databaseUrl())) {
            var right = Files.readString(file(server)).strip();
            Files.write(file(server), List.of(right, KeySource.proposal(2)));
            server.restart();
            assertThat(tables.uses()).isEqualTo("1 SEALS, 2 READY");

            Files.write(file(server), List.of(right, KeySource.proposal(2)));
            server.restart();
            assertThat(tables.uses()).isEqualTo("1 SEALS, 2 READY");

            Files.writeString(file(server), right);
            server.restart();
            assertThat(tables.uses()).isEqualTo("1 SEALS");
            assertThat(secret(server)).isEqualTo("s3cret");
        }
    }

    @Test
    void a_list_that_cannot_be_read_is_refused_before_anything_is_done() throws IOException {
        try (var server = server()) {
            var right = Files.readString(file(server)).strip();

            assertThat(refusal(server, right, right)).contains(file(server).toString(), "given twice");
            assertThat(refusal(server, "")).contains("There is no encryption key");

            Files.writeString(file(server), right);
            server.restart();
            assertThat(secret(server)).isEqualTo("s3cret");
        }
    }

    @Test
    void the_setting_wins_over_the_file() {
        var data = TestFolder.create("keys");
        var key = KeySource.proposal(3);
        var url = TestDatabase.freshUrl();
        try (var server = new Server(TestConfig.of(data, Optional.of(url), key));
                var tables = new KeyTables(url)) {
            server.start();

            assertThat(data.resolve("encryption.key")).doesNotExist();
            assertThat(tables.uses()).isEqualTo("3 SEALS");
        } finally {
            TestFolder.delete(data);
        }
    }
}
