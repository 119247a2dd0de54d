package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ConnectionRef;
import dev.millrace.server.record.stream.EventReader;
import dev.millrace.server.testkit.ShelfSync;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Streams of changes through two servers on one database. */
@Tag("slow")
class RecordStreamClusterTest {
    @RegisterExtension
    static final TestServer server = TestServer.start();

    private final ShelfSync sync = new ShelfSync(server);

    @Test
    void what_one_server_commits_streams_out_of_the_other_until_the_connection_is_deleted() throws Exception {
        sync.deploy(ShelfSync.function("items"));
        sync.connect("c1");
        try (var client = HttpClient.newHttpClient();
                var peer = server.startPeer();
                var here = open(client, server);
                var there = open(client, peer)) {
            sync.run("c1", "items", Map.of("count", 5));

            await().until(() -> here.events.size() == 5 && there.events.size() == 5);
            assertThat(there.records()).isEqualTo(here.records()).doesNotHaveDuplicates();

            server.client().deleteConnection(new ConnectionRef("crm", "c1"));
            await().until(() -> here.ended() && there.ended());
        }
    }

    private static EventReader open(HttpClient client, TestServer at) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(at.url() + "/records/stream?model=Item"))
                .header("Authorization", "Bearer " + at.key())
                .header("Provider-Config-Key", "crm")
                .header("Connection-Id", "c1");
        var response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        return new EventReader(response.body());
    }
}
