package dev.millrace.server.record;

import static dev.millrace.server.record.StreamRoom.SETTINGS;
import static dev.millrace.server.record.StreamRoom.ids;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.EventStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How streams live, and what ends them. */
@Timeout(90)
class StreamLifeTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    private StreamRoom room = new StreamRoom(new StreamSettings(SHORT, Duration.ofSeconds(1), SHORT, SHORT, 3));

    @AfterEach
    void close() {
        room.close();
    }

    private void with(StreamSettings settings) {
        room.close();
        room = new StreamRoom(settings);
    }

    private static StreamSettings many(int most) {
        return new StreamSettings(
                SETTINGS.heartbeat(), SETTINGS.patience(), SETTINGS.recheck(), SETTINGS.lookAround(), most);
    }

    @Test
    void a_silent_stream_says_that_it_lives_and_how_far_it_has_looked() {
        room.shelf.save(1, "{\"id\":\"a\"}");
        var stream = room.stream("model=Item&filter=deleted");

        await().until(() -> stream.all().stream()
                        .filter(event -> event.comment().equals("heartbeat"))
                        .count()
                > 3);
        await().until(() -> !stream.lastId().isEmpty());

        assertThat(stream.events()).isEmpty();
        var after = Position.parse(stream.lastId()).orElseThrow();
        assertThat(room.shelf.read(room.shelf.items, RecordQuery.after(java.util.Optional.of(after), 10)))
                .isEmpty();
    }

    @Test
    void there_is_a_limit_and_those_that_leave_make_room() {
        var streams = List.of(room.stream("model=Item"), room.stream("model=Item"), room.stream("model=Other"));

        var refused = room.stream("model=Item");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.body()).contains("too_many_streams", "3 record streams");
        streams.getFirst().close();

        await().atMost(30, SECONDS).until(() -> room.streams.free() == 1);
        assertThat(room.stream("model=Item").status()).isEqualTo(200);
        streams.forEach(EventStream::close);
        await().atMost(30, SECONDS).until(() -> room.streams.watches().count() == 1);
    }

    @Test
    void a_stream_ends_with_its_connection() {
        var stream = room.stream("model=Item");

        room.disconnected.set(true);

        await().until(stream::complete);
        assertThat(stream.events().getLast().name()).isEqualTo("end");
        assertThat(stream.events().getLast().data()).contains("unknown_connection");
    }

    @Test
    void a_stream_ends_with_its_key_even_when_it_is_busy() {
        var stream = room.stream("model=Item");

        room.revoked.set(true);
        for (int i = 0; !stream.ended(); i++) {
            room.shelf.save(1, "{\"id\":\"a" + i + "\"}");
        }

        assertThat(stream.complete()).isTrue();
        assertThat(stream.events().getLast().name()).isEqualTo("end");
        assertThat(stream.events().getLast().data()).contains("unknown_account");
    }

    @Test
    void streams_end_in_good_order_when_the_server_stops_and_do_not_hold_it_up() {
        with(many(100));
        room.shelf.save(1, "{\"id\":\"a\"}");
        var streams = new ArrayList<EventStream>();
        for (int i = 0; i < 50; i++) {
            streams.add(room.stream("model=Item"));
        }
        streams.forEach(stream -> ids(stream, 1));

        // Its grace period is longer than this test may take.
        room.http.close();

        await().until(() -> streams.stream().allMatch(EventStream::ended));
        assertThat(streams).allMatch(EventStream::complete);
        assertThat(room.streams.free()).isEqualTo(100);
        assertThat(room.streams.watches().count()).isZero();
    }

    @Test
    void who_takes_nothing_is_cut_off_and_the_others_go_on() {
        var lazy = new ArrayList<EventStream>();
        for (int i = 0; i < 2; i++) {
            lazy.add(EventStream.unread(room.uri("/records/stream?model=Item"), StreamRoom.headers()));
        }
        var eager = room.stream("model=Item");

        // More than the networks buffers of both sides hold.
        for (int i = 0; i < 24; i++) {
            room.shelf.save(1, "{\"id\":\"big" + i + "\",\"text\":\"" + "x".repeat(1024 * 1024) + "\"}");
        }

        await().atMost(30, SECONDS).until(() -> room.streams.free() == 2);
        room.shelf.save(1, "{\"id\":\"after\"}");
        assertThat(ids(eager, 25)).endsWith("after");
        assertThat(room.streams.pages().bytes()).isLessThanOrEqualTo(16 * 1024 * 1024);
        lazy.forEach(EventStream::close);
    }

    @Test
    void a_slow_reader_that_takes_something_now_and_then_stays() {
        // Two records that fill the buffers, so that writing them has to wait for the reader.
        room.shelf.save(1, big("a"), big("b"));
        var slow = room.stream("model=Item&limit=1");

        ids(slow, 2);
        room.shelf.save(1, "{\"id\":\"c\"}");

        assertThat(ids(slow, 3)).containsExactly("a", "b", "c");
    }

    private static String big(String id) {
        return "{\"id\":\"" + id + "\",\"text\":\"" + "y".repeat(8 * 1024 * 1024) + "\"}";
    }

    @Test
    void many_streams_of_one_dataset_share_what_is_read() {
        with(many(1_000));
        room.shelf.save(1, "{\"id\":\"a\"}");
        var streams = new ArrayList<EventStream>();
        for (int i = 0; i < 1_000; i++) {
            streams.add(room.stream("model=Item"));
        }
        streams.forEach(stream -> ids(stream, 1));
        long before = room.streams.pages().reads();

        room.shelf.save(1, "{\"id\":\"b\"}");
        streams.forEach(stream -> ids(stream, 2));
        room.saveElsewhere("{\"id\":\"c\"}");
        streams.forEach(stream -> ids(stream, 3));

        assertThat(streams).allSatisfy(s -> assertThat(ids(s, 3)).containsExactly("a", "b", "c"));
        assertThat(room.streams.pages().reads() - before).isLessThan(20);
    }

    @Test
    void saving_what_is_stored_already_wakes_nobody() {
        with(many(10));
        var stream = room.stream("model=Item");
        room.shelf.save(1, "{\"id\":\"a\"}");
        ids(stream, 1);
        room.shelf.save(1, "{\"id\":\"b\"}");
        ids(stream, 2);
        long before = room.streams.pages().reads();

        for (int i = 0; i < 50; i++) {
            room.shelf.save(1, "{\"id\":\"b\"}");
        }
        // Noticed after them, since the looks follow one another.
        room.shelf.save(1, "{\"id\":\"c\"}");

        assertThat(ids(stream, 3)).containsExactly("a", "b", "c");
        assertThat(room.streams.pages().reads() - before).isLessThanOrEqualTo(2);
    }

    @Test
    void many_streams_of_many_datasets_get_their_own() {
        with(many(300));
        var streams = new ArrayList<EventStream>();
        for (int i = 1; i <= 300; i++) {
            streams.add(room.stream("model=Item", "Connection-Id", "c" + i));
        }
        for (int i = 1; i <= 300; i++) {
            var writer = i % 2 == 0 ? room.elsewhere : room.shelf.records;
            writer.save(new Dataset(i, "Item"), Writer.of(1), List.of(("{\"id\":\"of" + i + "\"}").getBytes(UTF_8)));
        }

        for (int i = 1; i <= 300; i++) {
            assertThat(ids(streams.get(i - 1), 1)).containsExactly("of" + i);
        }
    }
}
