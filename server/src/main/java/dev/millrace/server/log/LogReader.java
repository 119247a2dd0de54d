package dev.millrace.server.log;

import dev.millrace.server.db.Database;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** Reads operations and lines page by page, as the API shows them. Thread-safe. */
public final class LogReader {
    private static final Pattern UUIDS =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
    private static final Pattern NUMBERS = Pattern.compile("\\d{1,18}");

    private final Logs logs;
    private final LogSearch search;

    public LogReader(Logs logs, Database db) {
        this.logs = logs;
        this.search = new LogSearch(db);
    }

    /** @param next cursor of the next page, if there may be one */
    public record Found(List<ObjectNode> items, Optional<String> next) {
        public Found {
            items = List.copyOf(items);
        }

        private static Found of(LogSearch.Page page) {
            return new Found(page.items(), page.next().map(Cursor::text));
        }
    }

    /**
     * Operations, newest first.
     *
     * @param cursor of an earlier page; an unknown one means the first page
     */
    public Found operations(Filter filter, Optional<String> cursor, int limit) {
        logs.flush();
        return Found.of(search.operations(filter, cursor.flatMap(text -> Cursor.parse(text, UUIDS)), limit));
    }

    /** Lines of all operations, newest first. */
    public Found lines(Filter filter, Optional<String> cursor, int limit) {
        logs.flush();
        return Found.of(search.lines(filter, cursor.flatMap(text -> Cursor.parse(text, NUMBERS)), limit));
    }

    /** Lines of one operation, in the order in which they were written. */
    public Found lines(UUID operation, Filter filter, Optional<String> cursor, int limit) {
        return Found.of(search.lines(operation, filter, cursor.flatMap(text -> Cursor.parse(text, NUMBERS)), limit));
    }

    /** An operation of an environment. */
    public Optional<ObjectNode> operation(long environment, String id) {
        if (!UUIDS.matcher(id).matches()) {
            return Optional.empty();
        }
        logs.flush();
        return search.operation(environment, UUID.fromString(id));
    }
}
