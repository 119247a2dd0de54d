package dev.millrace.server.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import dev.millrace.server.record.Saved;
import dev.millrace.server.record.Writer;
import dev.millrace.server.testkit.TailingReader.Seen;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an author does in its nth step: known from the seed, so that who checks can tell it again. Ids that begin with the
 * author's name belong to that author alone, the others to all.
 *
 * @param author who writes; the same author's slices follow one another
 * @param dataset an index into the test's datasets
 */
public record WrittenSlice(String author, int number, Kind kind, int dataset, Set<String> ids) {
    public static final String SHARED = "s";

    /** In ids of records that are always saved as the same, so that many a save finds nothing to change. */
    public static final String CONSTANT = "-k";

    private static final int CONSTANT_IDS = 12;
    private static final int OWN_IDS = 40;
    private static final int SHARED_IDS = 60;

    public enum Kind {
        SAVE,
        UPDATE,
        DELETE
    }

    /** Steps of writers of the store: of any kind, size and dataset. */
    static WrittenSlice random(long seed, String author, int number, int datasets) {
        var random = new Random(seed * 31 * 31 + author.hashCode() * 31L + number);
        // Neighbouring seeds begin alike.
        random.nextInt();
        var kind = List.of(Kind.SAVE, Kind.SAVE, Kind.SAVE, Kind.UPDATE, Kind.DELETE)
                .get(random.nextInt(5));
        int dataset = random.nextInt(datasets);
        int size = random.nextInt(20) == 0 ? 80 : 1 + random.nextInt(12);
        boolean constant = random.nextInt(6) == 0;
        var ids = new LinkedHashSet<String>();
        for (int i = 0; i < size; i++) {
            var owner = random.nextInt(3) == 0 ? SHARED : author;
            ids.add(owner
                    + (constant || random.nextInt(9) == 0
                            ? CONSTANT + random.nextInt(CONSTANT_IDS)
                            : "-" + random.nextInt(owner.equals(SHARED) ? SHARED_IDS : OWN_IDS)));
        }
        return new WrittenSlice(author, number, kind, dataset, ids);
    }

    /** Steps of the sync {@code functions/reporting.cjs}, which reckons in the same way. */
    static WrittenSlice ofFunction(String author, int number, int dataset) {
        var kind = List.of(Kind.SAVE, Kind.SAVE, Kind.UPDATE, Kind.DELETE).get(number % 4);
        var ids = new LinkedHashSet<String>();
        for (int i = 0; i < 10; i++) {
            ids.add(author + "-" + (number * 7 + i * 3) % OWN_IDS);
        }
        ids.add("s-" + number % SHARED_IDS);
        return new WrittenSlice(author, number, kind, dataset, ids);
    }

    Saved write(Records records, List<Dataset> datasets) {
        var to = datasets.get(dataset);
        var writer = Writer.of(1);
        return switch (kind) {
            case SAVE -> records.save(to, writer, texts());
            case UPDATE -> records.update(to, writer, texts());
            case DELETE -> records.delete(to, writer, texts());
        };
    }

    private List<byte[]> texts() {
        return ids.stream()
                .map(id -> switch (kind) {
                    case SAVE -> saved(author, id, number);
                    case UPDATE ->
                        id.contains(CONSTANT)
                                ? constant(id)
                                : "{\"id\":\"%s\",\"stamp\":\"%s\",\"u\":%d}".formatted(id, stamp(), number);
                    case DELETE -> "{\"id\":\"%s\"}".formatted(id);
                })
                .map(text -> text.getBytes(UTF_8))
                .toList();
    }

    /** What every record of the slice carries that was saved or updated by it. */
    public String stamp() {
        return author + "-" + number;
    }

    List<String> owned() {
        return ids.stream().filter(id -> id.startsWith(author + "-")).toList();
    }

    private static String constant(String id) {
        return "{\"id\":\"%s\",\"constant\":true}".formatted(id);
    }

    private static String saved(String author, String id, int number) {
        return id.contains(CONSTANT)
                ? constant(id)
                : "{\"id\":\"%s\",\"stamp\":\"%s-%d\",\"pad\":\"%s\"}".formatted(id, author, number, pad(number));
    }

    private static String pad(int number) {
        return "p".repeat(number * 31 % 211);
    }

    /**
     * What is to be found of a record that belongs to one author.
     *
     * @param save which step saved it last; 0: it never was
     * @param update which step updated it since; 0: none
     */
    public record State(int save, int update, boolean deleted) {
        static final State NONE = new State(0, 0, false);

        public State after(WrittenSlice slice) {
            return switch (slice.kind) {
                case SAVE -> new State(slice.number, 0, false);
                case UPDATE -> isLive() ? new State(save, slice.number, false) : this;
                case DELETE -> isLive() ? new State(save, update, true) : this;
            };
        }

        private boolean isLive() {
            return save > 0 && !deleted;
        }

        private String text(String author, String id) {
            if (update == 0 || id.contains(CONSTANT)) {
                return saved(author, id, save);
            }
            return "{\"id\":\"%s\",\"stamp\":\"%s-%d\",\"pad\":\"%s\",\"u\":%d}"
                    .formatted(id, author, update, pad(save), update);
        }

        /** Whether this is what was read, null when nothing was. */
        public boolean is(String author, String id, @Nullable Seen found) {
            if (found == null) {
                return save == 0;
            }
            var payload = (ObjectNode) RawClient.JSON.readTree(found.text());
            payload.remove("_nango_metadata");
            return payload.toString().equals(text(author, id)) && found.action().equals("DELETED") == deleted;
        }
    }
}
