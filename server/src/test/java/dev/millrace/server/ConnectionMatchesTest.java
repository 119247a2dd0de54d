package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.connection.ConnectionMatches;
import dev.millrace.server.connection.ConnectionMatches.Found;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.metadata.MetadataIndex;
import dev.millrace.server.metadata.MetadataLookup;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestEncryption;
import dev.millrace.server.testkit.TestServer;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which connections an event concerns. */
class ConnectionMatchesTest {
    private static TestServer server;
    private static Database db;
    private static Integrations integrations;
    private static ConnectionMatches matches;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        db = Database.open(new DatabaseConfig(server.databaseUrl(), 2));
        var encryption = TestEncryption.of(server.data());
        // The secret of the server's digests is in its database, so this index has one of its own.
        var digests = new Encryption(new byte[32]);
        integrations = new Integrations(db, encryption, new MetadataIndex(digests)::declared, Clock.systemUTC());
        matches = new ConnectionMatches(db, integrations, new MetadataLookup(db, digests));
        for (var key : List.of("crm", "other")) {
            server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", key));
        }
        connect("crm", "text", Map.of("team.id", "T1"), Map.of("mail", "a@b"));
        connect("crm", "number", Map.of("portalId", 123), Map.of("ids", List.of("x", "y")));
        connect("crm", "digits", Map.of("portalId", "123"), Map.of("a.b", "dotted"));
        connect("other", "foreign", Map.of("portalId", "123"), Map.of("mail", "a@b"));
    }

    private static void connect(String integration, String id, Map<String, ?> config, Map<String, ?> metadata) {
        server.client()
                .importConnection(Map.of(
                        "provider_config_key",
                        integration,
                        "connection_id",
                        id,
                        "credentials",
                        Map.of("type", "NONE"),
                        "connection_config",
                        config,
                        "metadata",
                        metadata));
    }

    @AfterAll
    static void stop() {
        db.close();
        server.close();
    }

    private static Integration crm() {
        long environment =
                Long.parseLong(TestDatabase.rows(server.databaseUrl(), "SELECT id FROM environment WHERE name = 'dev'")
                        .getFirst());
        return integrations.find(environment, "crm").orElseThrow();
    }

    private static List<String> ids(List<Found> found) {
        return found.stream().map(Found::connectionId).toList();
    }

    @Test
    void by_its_public_id() throws InterruptedException {
        assertThat(ids(matches.withId(crm(), "text"))).containsExactly("text");
        assertThat(matches.withId(crm(), "foreign")).isEmpty();
        assertThat(ids(matches.all(crm()))).contains("text", "number", "digits").doesNotContain("foreign");
    }

    @Test
    void by_a_literal_key_of_its_settings() throws InterruptedException {
        assertThat(ids(matches.withConfig(crm(), "team.id", "T1"))).containsExactly("text");
        assertThat(ids(matches.withConfig(crm(), "portalId", "123"))).containsExactly("number", "digits");
        assertThat(matches.withConfig(crm(), "portalId", "12")).isEmpty();
        assertThat(matches.withConfig(crm(), "team", "T1")).isEmpty();
        assertThat(matches.withConfig(crm(), "quote\"", "}{")).isEmpty();
    }

    @Test
    void by_its_metadata_without_a_declaration() throws InterruptedException {
        assertThat(ids(matches.withMetadata(crm(), "mail", "a@b"))).containsExactly("text");
        assertThat(ids(matches.withMetadata(crm(), "ids", "y"))).containsExactly("number");
        assertThat(ids(matches.withMetadata(crm(), "a.b", "dotted"))).containsExactly("digits");
        assertThat(matches.withMetadata(crm(), "ids", "z")).isEmpty();
        assertThat(crm().metadataIndex()).containsExactlyInAnyOrder("mail", "ids", "/a.b");

        connect("crm", "later", Map.of(), Map.of("ids", List.of("p", "q")));

        assertThat(TestDatabase.rows(server.databaseUrl(), """
                        SELECT count(*)
                          FROM metadata_index x JOIN connection c ON c.id = x.connection_id
                         WHERE c.connection_id = 'later' AND x.path = 'ids'
                        """)).containsExactly("2");
    }

    @Test
    void settings_are_found_by_their_index() {
        var plan = db.withHandle(handle -> {
            handle.execute("SET enable_seqscan = off");
            return String.join("\n", handle.createQuery("""
                            EXPLAIN SELECT c.id
                              FROM unnest('{1,2}'::bigint[], '{x,y}'::text[]) AS wanted (integration, text)
                             CROSS JOIN LATERAL (SELECT id
                                                   FROM connection
                                                  WHERE (connection_config @> wanted.text::jsonb
                                                         OR connection_config @> wanted.text::jsonb)
                                                    AND integration_id = wanted.integration AND deleted_at IS NULL
                                                  ORDER BY id) c
                            """).mapTo(String.class).list());
        });

        assertThat(plan).doesNotContain("Seq Scan");
    }
}
