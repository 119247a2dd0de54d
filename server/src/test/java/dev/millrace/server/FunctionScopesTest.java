package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.KeyTables;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which scope a key needs for what has to do with functions, actions and syncs. */
@Tag("slow")
class FunctionScopesTest {
    private static final String ID = "00000000-0000-4000-8000-000000000000";
    private static final String FUNCTIONS = "/integrations/crm/functions";

    /** Method, path and scope, without the leading {@code environment:}. */
    private static final String[][] ROUTES = {
        {"GET", FUNCTIONS, "functions:list"},
        {"GET", FUNCTIONS + "/f", "functions:read"},
        {"GET", FUNCTIONS + "/f/code", "functions:read"},
        {"GET", FUNCTIONS + "/f/versions", "functions:read"},
        {"DELETE", FUNCTIONS + "/f?type=sync", "functions:delete"},
        {"POST", FUNCTIONS + "/f/rollback", "deploy"},
        {"POST", "/functions/compile", "functions:compile"},
        {"POST", "/functions/dryruns", "functions:dryrun"},
        {"GET", "/functions/dryruns/" + ID, "functions:dryrun"},
        {"POST", "/functions/invocations", "functions:invocations"},
        {"POST", "/functions/deployments", "deploy"},
        {"GET", "/functions/deployments/" + ID, "deploy"},
        {"POST", "/functions/deployments/bundle", "deploy"},
        {"POST", "/functions/deployments/bundle/preview", "deploy"},
        {"POST", "/sync/deploy", "deploy"},
        {"POST", "/sync/deploy/confirmation", "deploy"},
        {"GET", "/scripts/config", "integrations:list_functions"},
        {"GET", "/environment-variables", "variables:read"},
        {"POST", "/action/trigger", "actions:execute"},
        {"GET", "/action/" + ID, "actions:execute"},
        {"POST", "/sync/trigger", "syncs:execute"},
        {"POST", "/sync/start", "syncs:execute"},
        {"POST", "/sync/pause", "syncs:execute"},
        {"GET", "/sync/status?syncs=*&provider_config_key=crm", "syncs:read"},
        {"PUT", "/sync/update-connection-frequency", "syncs:update"},
        {"POST", "/sync/s/variant/v", "syncs:variant:create"},
        {"DELETE", "/sync/s/variant/v", "syncs:variant:delete"},
    };

    @RegisterExtension
    static final TestServer server = TestServer.start();

    private static KeyTables tables;
    private static String key;

    @BeforeAll
    static void open() throws IOException {
        tables = new KeyTables(server.databaseUrl());
        key = Files.readString(server.data().resolve("keys/prod.key")).strip();
    }

    @AfterAll
    static void close() {
        tables.close();
    }

    private static RawClient.Reply send(String method, String path) {
        return server.raw()
                .send(
                        method,
                        path,
                        Map.of("Authorization", "Bearer " + key, "Content-Type", "application/json"),
                        BodyPublishers.ofString(method.equals("GET") ? "" : "{}"));
    }

    /** What keys may do is kept in memory for a moment. */
    private static void grant(String scopes, String[] probe, boolean refused) {
        tables.execute("UPDATE api_key SET scopes = '{" + scopes
                + "}' WHERE environment_id = (SELECT id FROM environment WHERE name = 'prod')");
        await().until(() -> (send(probe[0], probe[1]).status() == 403) == refused);
    }

    @Test
    void each_route_asks_for_its_scope_and_is_content_with_it() {
        var scopes = Stream.of(ROUTES).map(route -> route[2]).distinct().toList();
        for (var scope : scopes) {
            var own = Stream.of(ROUTES).filter(route -> route[2].equals(scope)).toList();
            grant("environment:" + scope, own.getFirst(), false);

            for (var route : ROUTES) {
                var reply = send(route[0], route[1]);
                if (own.contains(route)) {
                    assertThat(reply.status()).as(route[1] + " " + reply).isNotIn(401, 403, 405, 500);
                } else {
                    assertThat(reply.code()).as(route[1] + " with " + scope).isEqualTo("forbidden");
                    assertThat(reply.json().at("/error/message").asString()).contains("environment:" + route[2]);
                }
            }
        }
    }

    @Test
    void a_family_of_scopes_covers_its_members_and_nothing_beside() {
        grant("environment:records:read", ROUTES[0], true);
        grant("environment:functions:*,environment:syncs:*,environment:actions:*", ROUTES[0], false);

        for (var route : ROUTES) {
            boolean covered = route[2].matches("(functions|syncs|actions):.*");
            assertThat(send(route[0], route[1]).status() != 403).as(route[1]).isEqualTo(covered);
        }
    }

    @Test
    void nobody_reports_results_or_deploys_for_others() {
        for (var path : new String[] {
            "/functions/dryruns/" + ID + "/result", "/functions/deployments/" + ID + "/result", "/sync/deploy/internal"
        }) {
            var reply = server.raw().post(path, "{}");

            assertThat(reply.status()).as(path).isEqualTo(403);
            assertThat(reply.code()).isEqualTo("forbidden");
        }
    }
}
