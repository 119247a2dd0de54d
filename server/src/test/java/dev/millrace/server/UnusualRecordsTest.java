package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.Deployment;
import dev.millrace.server.testkit.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records that are hard to keep, all the way from a function to an application: {@code functions/unusual.cjs}. */
@Tag("slow")
@Timeout(300)
class UnusualRecordsTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final String END = ",\"_nango_metadata\":{";

    @RegisterExtension
    static final TestServer server = TestServer.start();

    @BeforeAll
    static void run() {
        Deployment.ofSync(server.client(), "unusual", "Item");
        server.client()
                .importConnection(Map.of(
                        "provider_config_key", "crm", "connection_id", "c1", "credentials", Map.of("type", "NONE")));
        server.raw()
                .post(
                        "/sync/trigger",
                        "{\"syncs\":[\"unusual\"],\"provider_config_key\":\"crm\",\"connection_id\":\"c1\"}");
        await().atMost(LONGEST_WAIT).until(() -> status().contains("\"latestExecutionStatus\":\"SUCCESS\""));
    }

    private static String status() {
        return server.raw()
                .get("/sync/status?syncs=unusual&provider_config_key=crm&connection_id=c1")
                .text()
                .replace(" ", "");
    }

    private static String read(String query) {
        var headers = Map.of("Connection-Id", "c1", "Provider-Config-Key", "crm");
        var reply = server.raw().get("/records?model=Item&" + query, headers);
        assertThat(reply.status()).isEqualTo(200);
        return reply.text();
    }

    @Test
    void they_arrive_as_javascript_writes_them() {
        var text = read("limit=1000");

        for (var record : List.of(
                "{\"id\":\"nul\",\"v\":\"a\\u0000b\"",
                "{\"id\":\"surrogate\",\"v\":\"\\ud800 and \uD83D\uDE00\"",
                "{\"id\":\"9007199254740991\",\"v\":0,\"w\":1e+21,\"x\":1e-7",
                "{\"id\":\"-1.5\",\"v\":null",
                "{\"id\":\"" + "\uD83D\uDE00".repeat(127) + "\",\"v\":\"emoji\"",
                "{\"id\":\"deep\",\"v\":" + "[".repeat(999) + "]".repeat(999),
                "{\"id\":\"line\u2028break\\n\",\"v\":\"\uFEFF\"",
                "{\"id\":\"large\",\"v\":\"" + "x".repeat(10 * 1024 * 1024) + "\"",
                "{\"id\":\"seven\",\"v\":{\"_nango_metadata\":1}")) {
            assertThat(text.contains(record + END))
                    .as(record.substring(0, Math.min(record.length(), 60)))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "too-deep, nesting depth",
        "far-too-deep, nesting depth",
        "long-id, 256 characters",
        "half-id, not valid Unicode",
        "half-key, not valid JSON",
        "no-id, has no id",
        "zero-id, the id 0",
        "true-id, neither a string nor a number",
        "text, not an object",
        "nothing, not an object",
        "function, not an object"
    })
    void or_are_refused_with_their_slice_and_a_reason(String name, String reason) {
        assertThat(read("ids=refused-" + name)).contains("at index 1 ").contains(reason);
        assertThat(read("ids=half-slice")).contains("\"records\":[]");
    }
}
