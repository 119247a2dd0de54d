package dev.millrace.bench;

import dev.millrace.cli.Bar;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Position;
import dev.millrace.server.record.RecordQuery;
import dev.millrace.server.record.Records;
import dev.millrace.server.record.Writer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A connection with very many records. They are written directly to the database with the server's own code, because
 * saving so many by syncs would take long.
 */
public final class ManyRecords implements AutoCloseable {
    /** The number of records of the scenarios' connection. */
    public static final int MILLION = 1_000_000;

    private static final String CONNECTION = "deep";
    private static final String MODEL = "Item";
    private static final int SLICE = 1_000;
    private static final int STEP = 10_000;

    private final DirectStore store;
    private final Dataset dataset;

    private ManyRecords(DirectStore store, Dataset dataset) {
        this.store = store;
        this.dataset = dataset;
    }

    /** Opens the connection; creates it when it is missing. */
    public static ManyRecords open(Stage stage) throws IOException {
        stage.connect(CONNECTION);
        var store = DirectStore.open(stage);
        try {
            return new ManyRecords(store, store.dataset(CONNECTION, MODEL));
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /** The records store on the server's database, used in this process. */
    public Records records() {
        return store.records();
    }

    public Dataset dataset() {
        return dataset;
    }

    /** Adds records up to the given number. */
    public void fill(int total) {
        long there = records().live(dataset);
        if (there >= total) {
            return;
        }
        try (var bar = Bar.of("Filling " + total + " records", total)) {
            for (long from = there; from < total; from += SLICE) {
                var slice = new ArrayList<byte[]>(SLICE);
                for (long number = from; number < Math.min(total, from + SLICE); number++) {
                    slice.add(Sample.text(id(number), number, 0));
                }
                records().save(dataset, Writer.of(1), slice);
                bar.at(from);
            }
        }
    }

    /** The id of a record, in the order of insertion, as in most APIs. */
    public static String id(long number) {
        return String.format(Locale.ROOT, "rec_%08d", number);
    }

    /** The cursor of a reader that has read so many records; empty at the start. */
    public Optional<Position> position(int depth) {
        var at = Optional.<Position>empty();
        for (int read = 0; read < depth; read += STEP) {
            var page = records().list(dataset, RecordQuery.after(at, Math.min(STEP, depth - read)));
            at = Optional.of(page.nextCursor().flatMap(Position::parse).orElseThrow());
        }
        return at;
    }

    /** The request of a page. */
    static Call page(Stage stage, int limit, Optional<Position> after) {
        var cursor = after.map(position -> "&cursor=" + URLEncoder.encode(position.cursor(), StandardCharsets.UTF_8))
                .orElse("");
        return new Call(
                "GET", "/records?model=" + MODEL + "&limit=" + limit + cursor, Requests.headers(stage, CONNECTION), "");
    }

    /** Reads the same pages repeatedly by HTTP. */
    public static Result measure(Stage stage, Settings settings, int limit, Optional<Position> after)
            throws IOException, InterruptedException {
        return new Requests(
                        "records-page",
                        "pages of " + limit,
                        Reference.NONE,
                        _ -> {},
                        (there, _) -> page(there, limit, after))
                .run(stage, settings);
    }

    /** Pages after many records of a million, for {@link Scenarios}. */
    static Requests scenario(String name, int limit, int depth) {
        var at = new ArrayList<Optional<Position>>(List.of(Optional.empty()));
        return new Requests(
                name,
                "GET /records?limit=" + limit + " after " + depth + " of a million records of a kilobyte",
                Reference.NONE,
                stage -> {
                    try (var deep = open(stage)) {
                        deep.fill(MILLION);
                        at.set(0, deep.position(depth));
                    }
                },
                (stage, _) -> page(stage, limit, at.getFirst()));
    }

    @Override
    public void close() {
        store.close();
    }
}
