package dev.millrace.server.record;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which records to read, in the order of their last change.
 *
 * @param after the position to read from, exclusive
 * @param limit maximum number; a page of very large records may have fewer, with a next cursor
 * @param actions only records with one of these as their last change; empty: all
 * @param modifiedSince microseconds since 1970, inclusive
 * @param ids only these; empty: all
 * @param strict whether to refuse a position in contents that no longer exist
 */
public record RecordQuery(
        Optional<Position> after,
        int limit,
        Set<Action> actions,
        Optional<Long> modifiedSince,
        List<String> ids,
        boolean strict) {
    public RecordQuery {
        actions = Set.copyOf(actions);
        ids = List.copyOf(ids);
    }

    /** All changes after a position. */
    public static RecordQuery after(Optional<Position> position, int limit) {
        return new RecordQuery(position, limit, Set.of(), Optional.empty(), List.of(), false);
    }

    static RecordQuery of(List<String> ids) {
        return new RecordQuery(Optional.empty(), ids.size(), Set.of(), Optional.empty(), ids, false);
    }

    /** The same query from another position. */
    RecordQuery from(Position position) {
        return new RecordQuery(Optional.of(position), limit, actions, modifiedSince, ids, strict);
    }

    public Position from() {
        var cursor = after.orElse(Position.START);
        var since = modifiedSince.map(Position::before).orElse(Position.START);
        return since.isAfter(cursor) ? since : cursor;
    }

    boolean wants(Action action) {
        return actions.isEmpty() || actions.contains(action);
    }

    boolean wantsAll() {
        return actions.isEmpty() || actions.size() == Action.values().length;
    }

    boolean wantsDeletedOnly() {
        return actions.equals(EnumSet.of(Action.DELETED));
    }
}
