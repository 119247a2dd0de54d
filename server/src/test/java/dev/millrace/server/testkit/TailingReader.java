package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Position;
import dev.millrace.server.record.RecordQuery;
import dev.millrace.server.record.Records;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * An application that follows one dataset over HTTP, from server to server, and keeps what it read. Without a filter its
 * copy must become the dataset. With one it hears of what its filter names only: of a record that leaves the filter it
 * keeps what it read last, of every record that the filter names in the end it must have read the last state.
 */
public final class TailingReader implements Callable<TailingReader> {
    /** A dataset as applications name it. */
    public record Source(String connection, String model, String variant) {}

    /** A record as read. */
    public record Seen(Position position, String action, String text) {}

    /** A page: nothing that is committed after it was received may lie before its cursor. */
    public record Handed(Source source, long cursor, long receivedMicros) {}

    private final Servers servers;
    private final Source source;
    private final Set<String> filter;
    private final Random random;
    private final Clock clock;
    private final CountDownLatch written;
    private final Map<String, Seen> copy = new HashMap<>();
    private final List<Handed> pages = new ArrayList<>();
    private Optional<Position> position = Optional.empty();

    /**
     * @param filter names of actions; empty: all
     * @param written at zero when nobody writes any more
     */
    TailingReader(Servers servers, Source source, Set<String> filter, Random random, CountDownLatch written) {
        this.servers = servers;
        this.source = source;
        this.filter = filter;
        this.random = random;
        this.clock = Clock.systemUTC();
        this.written = written;
    }

    /** Reads to the end of what is ever written. */
    @Override
    public TailingReader call() throws InterruptedException {
        boolean more = true;
        while (more) {
            // Asked before reading: what was written before the end is read after it.
            boolean last = written.getCount() == 0;
            int read = page(limit());
            if (read == 0 && !last) {
                written.await(random.nextInt(100), TimeUnit.MILLISECONDS);
            }
            more = read != 0 || !last;
            if (!last && filter.isEmpty() && random.nextInt(400) == 0) {
                // A new reader in place of the old one.
                copy.clear();
                position = Optional.empty();
            }
        }
        return this;
    }

    private int limit() {
        return switch (random.nextInt(8)) {
            case 0 -> 1 + random.nextInt(5);
            case 1 -> 10_000;
            default -> 1 + random.nextInt(300);
        };
    }

    private int page(int limit) {
        var server = servers.any(random);
        if (server.isEmpty()) {
            return 0;
        }
        JsonNode records;
        try {
            records = read(server.get(), source, filter, position, limit);
        } catch (UncheckedIOException e) {
            // Killed in the middle: another time, another server.
            return 0;
        }
        long received = micros(clock.instant());
        for (var each : records) {
            var seen = seen(each);
            assertThat(filter.isEmpty() || filter.contains(seen.action))
                    .as(seen.text)
                    .isTrue();
            assertThat(position.isEmpty() || isAfter(seen.position, position.get()))
                    .as(seen.text)
                    .isTrue();
            position = Optional.of(seen.position);
            copy.put(each.path("id").asString(), seen);
        }
        if (!records.isEmpty()) {
            pages.add(new Handed(source, position.orElseThrow().modified(), received));
        }
        return records.size();
    }

    /** Everything, from the start. */
    static Map<String, Seen> all(RawClient server, Source source) {
        var all = new HashMap<String, Seen>();
        var position = Optional.<Position>empty();
        while (true) {
            var page = read(server, source, Set.of(), position, 500);
            for (var each : page) {
                var seen = seen(each);
                assertThat(all.put(each.path("id").asString(), seen)).isNull();
                position = Optional.of(seen.position);
            }
            if (page.isEmpty()) {
                return all;
            }
        }
    }

    /** The same past HTTP. */
    static Map<String, Seen> all(Records records, Dataset dataset) {
        var page = records.list(dataset, RecordQuery.after(Optional.empty(), 10_000));
        assertThat(page.nextCursor()).isEmpty();
        var all = new HashMap<String, Seen>();
        for (var each : RawClient.JSON.readTree(page.records())) {
            all.put(each.path("id").asString(), seen(each));
        }
        return all;
    }

    private static JsonNode read(
            RawClient server, Source source, Set<String> filter, Optional<Position> after, int limit) {
        var path = new StringBuilder("/records?model=").append(source.model);
        path.append("&variant=").append(source.variant).append("&limit=").append(limit);
        after.ifPresent(p -> path.append("&cursor=").append(URLEncoder.encode(p.cursor(), StandardCharsets.UTF_8)));
        if (!filter.isEmpty()) {
            path.append("&filter=").append(String.join(",", filter));
        }
        var reply =
                server.get(path.toString(), Map.of("Connection-Id", source.connection, "Provider-Config-Key", "crm"));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        return reply.json().path("records");
    }

    private static Seen seen(JsonNode each) {
        var meta = each.path("_nango_metadata");
        return new Seen(
                Position.parse(meta.path("cursor").asString()).orElseThrow(),
                meta.path("last_action").asString(),
                each.toString());
    }

    private static boolean isAfter(Position one, Position other) {
        return one.modified() > other.modified()
                || (one.modified() == other.modified() && one.sequence() > other.sequence());
    }

    private static long micros(Instant time) {
        return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
    }

    public List<Handed> pages() {
        return pages;
    }

    public Source source() {
        return source;
    }

    /** What is wrong with the copy, given what is stored. */
    public List<String> faults(Map<String, Seen> stored) {
        var faults = new ArrayList<String>();
        stored.forEach((id, now) -> {
            var mine = copy.get(id);
            boolean wanted = filter.isEmpty() || filter.contains(now.action);
            if (wanted && !now.equals(mine)) {
                faults.add(this + " has " + mine + " instead of " + now);
            }
        });
        copy.forEach((id, mine) -> {
            var now = stored.get(id);
            if (now == null || !(now.equals(mine) || isAfter(now.position, mine.position))) {
                faults.add(this + " has " + mine + ", stored is " + now);
            }
        });
        return faults;
    }

    @Override
    public String toString() {
        return "the reader of " + source + " " + filter;
    }
}
