package dev.millrace.server.metadata;

import dev.millrace.server.db.Database;
import dev.millrace.server.encryption.Encryption;
import dev.millrace.server.http.Part;
import java.util.List;
import java.util.Map;

/** Finds connections by metadata values, using only the index of declared paths. Thread-safe. */
public final class MetadataLookup {
    private static final int MOST = 10_000;
    private static final String FIND = """
            SELECT x.connection_id
              FROM unnest(:paths, :digests) AS wanted (path, digest)
              JOIN metadata_index x ON x.environment_id = :environment AND x.path = wanted.path
               AND x.digest = decode(wanted.digest, 'hex')
             WHERE :any OR EXISTS (SELECT FROM connection_address a
                                    WHERE a.id = x.connection_id AND a.integration = ANY (:integrations))
             GROUP BY x.connection_id
            HAVING count(*) = :count
             ORDER BY x.connection_id DESC
             LIMIT :most
            """;
    private static final String UNDECLARED = """
            SELECT wanted.path
              FROM unnest(:paths) AS wanted (path)
             WHERE NOT EXISTS (SELECT FROM integration i
                                WHERE i.environment_id = :environment AND i.deleted_at IS NULL
                                  AND (:any OR i.unique_key = ANY (:integrations))
                                  AND wanted.path = ANY (i.metadata_index))
             ORDER BY wanted.path
             LIMIT 1
            """;

    private final Database db;
    private final Digests digests;

    public MetadataLookup(Database db, Encryption encryption) {
        this.db = db;
        this.digests = new Digests(encryption);
    }

    /**
     * The internal ids of the connections whose metadata has all these values.
     *
     * @param integrations where to search; empty: everywhere. At least one of them must have declared each path
     * @param values by path
     */
    public List<Long> find(long environment, List<String> integrations, Map<String, String> values) {
        var entries = values.entrySet().stream()
                .map(e -> digests.entry(environment, e.getKey(), e.getValue()))
                .toList();
        var found = db.withHandle(handle -> handle.createQuery(FIND)
                .bind("environment", environment)
                .bindArray(
                        "paths",
                        String.class,
                        entries.stream().map(IndexEntry::path).toList())
                .bindArray(
                        "digests",
                        String.class,
                        entries.stream().map(IndexEntry::digest).toList())
                .bind("count", entries.size())
                .bind("any", integrations.isEmpty())
                .bindArray("integrations", String.class, integrations)
                .bind("most", MOST)
                .mapTo(Long.class)
                .list());
        if (found.isEmpty()) {
            // An undeclared path can only matter when nothing was found.
            checkDeclared(environment, integrations, List.copyOf(values.keySet()));
        }
        return found;
    }

    private void checkDeclared(long environment, List<String> integrations, List<String> paths) {
        var undeclared = db.withHandle(handle -> handle.createQuery(UNDECLARED)
                .bind("environment", environment)
                .bindArray("paths", String.class, paths)
                .bind("any", integrations.isEmpty())
                .bindArray("integrations", String.class, integrations)
                .mapTo(String.class)
                .findOne());
        if (undeclared.isPresent()) {
            throw Part.QUERY.refuse(
                    "custom",
                    "Connections cannot be looked up by \"" + undeclared.get()
                            + "\": add this path to metadata_index of the integration (PATCH /integrations/{key})",
                    "metadata",
                    undeclared.get());
        }
    }
}
