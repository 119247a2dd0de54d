package dev.millrace.server.record.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.http.Json;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Shelf;
import dev.millrace.server.record.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How streams end, and what keeps them open. */
@Tag("slow")
class StreamEndTest {
    private static final int STATUS = 12;

    private StreamServer server = server(Duration.ofMinutes(5), Duration.ofMinutes(5));

    private static StreamServer server(Duration heartbeat, Duration patience) {
        return new StreamServer(new StreamConfig(heartbeat, patience, Duration.ofMillis(20), 3));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void another(Duration heartbeat, Duration patience) {
        server.close();
        server = server(heartbeat, patience);
    }

    @Test
    void heartbeats_fill_silence_and_detect_lost_readers() throws Exception {
        another(Duration.ofMillis(30), Duration.ofMinutes(5));
        try (var reader = server.open("model=Item")) {
            await().until(() -> reader.comments.size() > 3);
            assertThat(reader.comments.subList(0, 3)).isEqualTo(List.of("open", "heartbeat", "heartbeat"));
            assertThat(reader.events).isEmpty();
        }
        await().until(() -> server.streams.open().isEmpty());
    }

    @Test
    void no_more_are_opened_than_allowed() throws Exception {
        try (var first = server.open("model=Item");
                var second = server.open("model=Item");
                var third = server.open("model=Other")) {
            var refused = server.send(server.request("model=Item"));

            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(Json.parse(refused.body()).at("/error/code").stringValue())
                    .isEqualTo("too_many_streams");
            assertThat(List.of(first.ended(), second.ended(), third.ended())).containsOnly(false);
        }
    }

    @Test
    void streams_end_with_their_connection() throws Exception {
        try (var gone = server.open("model=Item");
                var stays = server.open(server.request("model=Item").setHeader("Connection-Id", "c2"))) {
            server.removed.add(1L);
            await().until(gone::ended);

            server.shelf.records.save(new Dataset(2, "Item"), Writer.of(1), Shelf.numbered(0, 1, 0));
            await().until(() -> stays.records().equals(List.of("i0")));
            assertThat(server.streams.open()).hasSize(1);
        }
    }

    @Test
    void a_stopping_server_waits_for_no_stream() throws Exception {
        try (var idle = server.open("model=Item");
                var stuck = stuck()) {
            await().until(() -> server.streams.open().size() == 2);
            // With so long a grace period this ends in time only when no stream holds it up.
            var closing = Thread.ofVirtual().start(server::stop);

            await().until(() -> !closing.isAlive());
            await().until(idle::ended);
            assertThat(server.streams.open()).isEmpty();
            assertThat(stuck.isConnected()).isTrue();
        }
    }

    @Test
    void who_does_not_read_is_cut_off() throws Exception {
        another(Duration.ofMinutes(5), Duration.ofMillis(300));
        try (var reads = server.open("model=Large");
                var stuck = stuck()) {
            await().until(() -> server.streams.open().size() == 1);
            assertThat(reads.ended()).isFalse();

            // What was under way still arrives, the rest never: the stream is cut in the middle.
            var received = new String(stuck.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(received).doesNotContain("\"id\":\"i399\"").doesNotEndWith("\r\n0\r\n\r\n");
        }
        // With so long a grace period this ends in time only when the thread has come back.
        var closing = Thread.ofVirtual().start(server::stop);
        await().until(() -> !closing.isAlive());
    }

    /** A client that asks for more than the network's buffers hold and reads nothing. */
    private Socket stuck() throws Exception {
        var text = "x".repeat(100_000);
        for (int turn = 0; turn < 4; turn++) {
            int from = turn * 100;
            server.shelf.records.save(
                    new Dataset(1, "Huge"),
                    Writer.of(1),
                    IntStream.range(from, from + 100)
                            .mapToObj(i -> "{\"id\":\"i" + i + "\",\"text\":\"" + text + "\"}")
                            .map(json -> json.getBytes(StandardCharsets.UTF_8))
                            .toList());
        }
        var socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.http.port()));
        var request = List.of(
                "GET /records/stream?model=Huge HTTP/1.1",
                "Host: localhost",
                "Connection-Id: c1",
                "Provider-Config-Key: crm",
                "",
                "");
        socket.getOutputStream().write(String.join("\r\n", request).getBytes(StandardCharsets.US_ASCII));
        // It is open: the first page was read before the status was sent.
        assertThat(socket.getInputStream().readNBytes(STATUS))
                .isEqualTo("HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
