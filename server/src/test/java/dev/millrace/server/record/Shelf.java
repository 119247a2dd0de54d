package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Json;
import dev.millrace.server.testkit.TestDatabase;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A records store on a database of its own, spoken to in JSON text. */
public final class Shelf implements AutoCloseable {
    public static final String META = "_nango_metadata";

    final Database db = TestDatabase.fresh();
    public final Records records = new Records(db, new Encryption(new byte[32]));
    public final Dataset items = new Dataset(1, "Item");

    /** Gives the connection of the items its names: environment 1, integration {@code crm}, connection {@code c1}. */
    void connect() {
        connect(db);
    }

    static void connect(Database db) {
        db.useHandle(handle -> handle.createScript("""
                        INSERT INTO environment (id, name) VALUES (1, 'named') ON CONFLICT DO NOTHING;
                        INSERT INTO integration (id, environment_id, unique_key, provider, forward_webhooks)
                        VALUES (1, 1, 'crm', 'unauthenticated', false);
                        INSERT INTO connection (id, environment_id, integration_id, connection_id, credentials)
                        VALUES (1, 1, 1, 'c1', '');
                        """).execute());
    }

    public static List<byte[]> texts(String... json) {
        return Arrays.stream(json).map(text -> text.getBytes(UTF_8)).toList();
    }

    /** Records with ids {@code from} to {@code to}, exclusive, of a revision. */
    public static List<byte[]> numbered(int from, int to, int revision) {
        return IntStream.range(from, to)
                .mapToObj(i -> "{\"id\":\"i" + i + "\",\"revision\":" + revision + "}")
                .map(text -> text.getBytes(UTF_8))
                .toList();
    }

    public Saved save(long generation, String... json) {
        return records.save(items, Writer.of(generation), texts(json));
    }

    public List<JsonNode> all() {
        return all(items);
    }

    List<JsonNode> all(Dataset dataset) {
        return read(dataset, RecordQuery.after(Optional.empty(), 10_000));
    }

    List<JsonNode> read(Dataset dataset, RecordQuery query) {
        return list(Json.parse(new String(records.list(dataset, query).records(), UTF_8)));
    }

    static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    public JsonNode one(String id) {
        return Objects.requireNonNull(byId().get(id), id);
    }

    Map<String, JsonNode> byId() {
        var byId = new HashMap<String, JsonNode>();
        all().forEach(r -> byId.put(r.get("id").stringValue(), r));
        return byId;
    }

    public static String action(JsonNode record) {
        return record.get(META).get("last_action").stringValue();
    }

    static Position position(JsonNode record) {
        return Position.parse(record.get(META).get("cursor").stringValue()).orElseThrow();
    }

    /** The record without its metadata. */
    static String content(JsonNode record) {
        var copy = ((ObjectNode) record).deepCopy();
        copy.remove(META);
        return copy.toString();
    }

    /** What the dataset's counters say of its records. */
    List<Long> counters() {
        return longs("SELECT live, bytes FROM dataset WHERE connection_id = 1 AND model = 'Item'");
    }

    /** What the counters must say, from the records themselves. */
    List<Long> counted() {
        return longs("""
                SELECT count(*) FILTER (WHERE deleted IS NULL), coalesce(sum(size), 0)::bigint
                  FROM dataset LEFT JOIN record USING (dataset_id)
                 WHERE connection_id = 1 AND model = 'Item' AND external_id IS NOT NULL
                 GROUP BY dataset_id
                """);
    }

    private List<Long> longs(String sql) {
        return db.withHandle(h -> h.createQuery(sql)
                .map((row, _) -> List.of(row.getLong(1), row.getLong(2)))
                .findOne()
                .orElse(List.of(0L, 0L)));
    }

    @Override
    public void close() {
        db.close();
    }
}
