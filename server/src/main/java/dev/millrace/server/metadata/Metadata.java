package dev.millrace.server.metadata;

import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.encryption.SealedColumn;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Settings;
import dev.millrace.server.http.Json;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Entry point for metadata, the JSON object of a connection. A write reads the newest version, computes the next one
 * and stores it with one statement, if no other write was faster; otherwise it starts again. Concurrent changes are
 * therefore never lost, and versions have no gaps. A change of several connections is applied to all or none.
 * Thread-safe.
 */
public final class Metadata {
    /** The encrypted columns of this package. */
    public static final List<SealedColumn> SEALED = List.of(
            new SealedColumn("metadata", "sealed", List.of(new SealedColumn.Part("connection_id", "bigint"))),
            new SealedColumn(
                    "metadata_history",
                    "sealed",
                    List.of(
                            new SealedColumn.Part("connection_id", "bigint"),
                            new SealedColumn.Part("version", "bigint"))));

    // After this many failed attempts the row is locked first, so that every write eventually succeeds.
    private static final int RACES = 3;
    private static final int MOST_ATTEMPTS = 100;

    private final Database db;
    private final EnvironmentSettings settings;
    private final Digests digests;
    private final MetadataStore store;
    private final WriteQueue queue = new WriteQueue();
    private volatile MetadataGuard guard = MetadataGuard.NONE;
    private volatile MetadataHooks hooks = MetadataHooks.NONE;
    private volatile MetadataListener listener = MetadataListener.NONE;

    public Metadata(Database db, Encryption encryption, EnvironmentSettings settings, Clock clock) {
        this.db = db;
        this.settings = settings;
        this.digests = new Digests(encryption);
        this.store = new MetadataStore(encryption, clock);
    }

    /** Sets the callbacks; to be called before the first request. */
    public void connect(MetadataGuard newGuard, MetadataHooks newHooks) {
        this.guard = newGuard;
        this.hooks = newHooks;
    }

    /** Sets the listener for changes; to be called before the first request. */
    public void tell(MetadataListener newListener) {
        this.listener = newListener;
    }

    /** The current metadata. */
    public Current read(Address address) {
        var row = db.withHandle(handle -> find(handle, address));
        return new Current(row.version(), row.text());
    }

    /** The whole current object, or JSON null. */
    public JsonNode of(Handle handle, long connectionId) {
        for (var row : store.read(handle, List.of(connectionId))) {
            var object = row.object();
            if (object != null) {
                return object;
            }
        }
        return Json.object().nullNode();
    }

    private Row find(Handle handle, Address address) {
        return store.read(handle, address).orElseThrow(() -> new UnknownConnection(address.connectionId()));
    }

    /** Changes the metadata of one connection. */
    public WriteResult write(Address address, Edit edit, Actor actor) {
        return write(address, edit, actor, IfMatch.ANYTHING);
    }

    /** The same, if the stored version is the given one; otherwise a failure with status 412. */
    public WriteResult writeAfter(long version, Address address, Edit edit, Actor actor) {
        return write(address, edit, actor, IfMatch.version(version));
    }

    /** The same, if the stored version is one that the client expects. */
    WriteResult write(Address address, Edit edit, Actor actor, IfMatch condition) {
        // Wait before taking a pooled connection: a thread that holds one must not wait for another write.
        var change = new Change(edit, actor, settings.get(address.environment()));
        var written = queue.take(address, () -> raced(address, change, condition));
        hooks.committed(address);
        return written;
    }

    private record Change(Edit edit, Actor actor, Settings settings) {}

    private WriteResult raced(Address address, Change change, IfMatch condition) {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            var written = attempt < RACES
                    ? unlocked(address, change, condition)
                    : db.inTransaction(handle -> locked(handle, address, change, condition));
            if (written.isPresent()) {
                return written.get();
            }
        }
        throw new IllegalStateException("The metadata of " + address + " changes faster than it can be written");
    }

    /** Two statements, each in its own transaction, unless other writes belong to the second one. */
    private Optional<WriteResult> unlocked(Address address, Change change, IfMatch condition) {
        var plan = db.withHandle(handle -> {
            var row = stored(handle, address);
            condition.check(row.version(), row.text().isPresent());
            boolean affected = RunLease.current().isPresent()
                    || listener.wants(change.settings())
                    || hooks.affected(handle, row.integrationId());
            return new Plan(row, next(handle, row, change), affected);
        });
        if (plan.next().isEmpty()) {
            return Optional.of(unchanged(plan.row()));
        }
        var next = plan.next().get();
        boolean stored = plan.affected()
                ? db.inTransaction(handle -> store(handle, next, change))
                : db.withHandle(handle -> store.write(handle, next));
        return stored ? Optional.of(written(next)) : Optional.empty();
    }

    /** @param affected whether other writes belong to the change, or a run makes it */
    private record Plan(Row row, Optional<Next> next, boolean affected) {}

    private Optional<WriteResult> locked(Handle handle, Address address, Change change, IfMatch condition) {
        store.lock(handle, List.of(stored(handle, address).id()));
        var row = find(handle, address);
        condition.check(row.version(), row.text().isPresent());
        return write(handle, row, change);
    }

    /** The row, created if necessary. */
    private Row stored(Handle handle, Address address) {
        var row = find(handle, address);
        if (row.stored()) {
            return row;
        }
        store.ensure(handle, List.of(row.id()));
        return find(handle, address);
    }

    /** Within a transaction. */
    private Optional<WriteResult> write(Handle handle, Row row, Change change) {
        var next = next(handle, row, change);
        if (next.isEmpty()) {
            return Optional.of(unchanged(row));
        }
        return store(handle, next.get(), change) ? Optional.of(written(next.get())) : Optional.empty();
    }

    private static WriteResult unchanged(Row row) {
        return new WriteResult(new Current(row.version(), row.text()), List.of());
    }

    private static WriteResult written(Next next) {
        return new WriteResult(new Current(next.version(), Optional.ofNullable(next.text())), next.warnings());
    }

    private boolean store(Handle handle, Next next, Change change) {
        boolean stored = store.write(handle, next);
        if (stored && listener.wants(change.settings())) {
            listener.changed(
                    handle, next.before().id(), next.version(), next.actor().text(), next.patch());
        }
        if (stored && hooks.affected(handle, next.before().integrationId())) {
            var object = next.object() == null ? Json.object().nullNode() : next.object();
            hooks.changed(handle, next.before().id(), next.version(), object);
        }
        // Comes last, after the locks of the syncs.
        RunLease.check(handle);
        return stored;
    }

    /** The next version; empty when the change changes nothing. */
    private Optional<Next> next(Handle handle, Row row, Change change) {
        var chosen = change.settings();
        var before = row.object();
        var after = change.edit().apply(before);
        if (after != null) {
            Limits.checkShape(after, chosen);
        }
        var text = after == null ? null : Json.text(after);
        if (Objects.equals(text, row.text().orElse(null))) {
            return Optional.empty();
        }
        if (text != null) {
            Limits.checkSize(text, chosen);
        }
        var warnings = guard.check(
                handle,
                row.environmentId(),
                row.integrationId(),
                after == null ? Json.object().nullNode() : after);
        return Optional.of(new Next(
                row,
                after,
                text,
                Diff.between(before, after),
                change.actor(),
                chosen.metadataEncryption(),
                HistoryLimits.of(chosen),
                index(row, before, after),
                warnings));
    }

    private IndexChange index(Row row, @Nullable ObjectNode before, @Nullable ObjectNode after) {
        if (row.indexPaths().isEmpty()) {
            return IndexChange.NONE;
        }
        return IndexChange.between(
                digests.of(row.environmentId(), row.indexPaths(), before),
                digests.of(row.environmentId(), row.indexPaths(), after));
    }

    /** Changes the metadata of all the named connections or of none. */
    public List<WriteResult> writeAll(
            long environment, String integration, List<String> connectionIds, Edit edit, Actor actor) {
        if (connectionIds.isEmpty()) {
            return List.of();
        }
        var change = new Change(edit, actor, settings.get(environment));
        var wanted = List.copyOf(new LinkedHashSet<>(connectionIds));
        var rows = db.inTransaction(handle -> {
            var found = store.read(handle, environment, integration, wanted);
            checkAll(wanted, found);
            var locked = lock(handle, found.stream().map(Row::id).toList());
            checkAll(wanted, locked);
            return locked.stream().map(row -> write(handle, row, change)).toList();
        });
        wanted.forEach(id -> hooks.committed(new Address(environment, integration, id)));
        return rows.stream().map(Optional::orElseThrow).toList();
    }

    /** All writers take these locks in the same order, which prevents deadlocks. */
    private List<Row> lock(Handle handle, List<Long> ids) {
        store.ensure(handle, ids);
        store.lock(handle, ids);
        return store.read(handle, ids);
    }

    private static void checkAll(List<String> wanted, List<Row> found) {
        var ids = found.stream().map(Row::connectionId).collect(Collectors.toSet());
        for (var id : wanted) {
            if (!ids.contains(id)) {
                throw new UnknownConnection(id);
            }
        }
    }

    /** Replaces the metadata of a connection in the transaction that imports it. */
    public void imported(Handle handle, long connectionId, ObjectNode object, String actor) {
        var row = lock(handle, List.of(connectionId)).getFirst();
        var chosen = settings.get(handle, row.environmentId());
        if (write(handle, row, new Change(Edit.replace(object), new Actor(actor), chosen))
                .isEmpty()) {
            throw new IllegalStateException("a row that is locked was changed by someone else: " + row.id());
        }
    }
}
