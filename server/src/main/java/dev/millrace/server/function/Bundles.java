package dev.millrace.server.function;

import static java.util.Objects.requireNonNull;

import dev.millrace.server.db.Database;
import dev.millrace.server.function.BundleInput.Bundle;
import dev.millrace.server.function.BundleInput.Item;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** Functions deployed as bundles. A deployment is stored completely or not at all. Thread-safe. */
public final class Bundles {
    private static final String SELECT = """
            SELECT i.unique_key, b.name, b.definition::text AS definition, b.code_hash
              FROM bundle_function b JOIN integration i ON i.id = b.integration_id
             WHERE b.environment_id = :environment
            """;
    private static final String OF_ENVIRONMENT = SELECT + " ORDER BY i.unique_key, b.name LIMIT 10000";
    private static final String BY_NAME = SELECT + " AND i.unique_key = :integration AND b.name = :name";
    private static final String PUT = """
            INSERT INTO bundle_function AS b (environment_id, integration_id, name, definition, code_hash, deployed_by)
            VALUES (:environment, :integration, :name, :definition::json, :code, :by)
            ON CONFLICT (integration_id, name) DO UPDATE
               SET definition = excluded.definition, code_hash = excluded.code_hash, deployed_at = now(),
                   deployed_by = excluded.deployed_by
            """;
    private static final String DELETE =
            "DELETE FROM bundle_function WHERE integration_id = :integration AND name = :name";

    private final Database db;
    private final CodeStore code;
    private final Integrations integrations;

    public Bundles(Database db, Integrations integrations) {
        this.db = db;
        this.code = new CodeStore(db);
        this.integrations = integrations;
    }

    /** The effect of a deployment; every function in its scope is in one of the lists. */
    record Plan(List<Item> created, List<Item> updated, List<Item> unchanged, List<BundleFunction.Key> deleted) {}

    public Optional<BundleFunction> find(long environment, String integration, String name) {
        return db.withHandle(handle -> handle.createQuery(BY_NAME)
                .bind("environment", environment)
                .bind("integration", integration)
                .bind("name", name)
                .map((row, _) -> read(row))
                .findOne());
    }

    Plan plan(long environment, Bundle bundle) {
        known(environment, bundle);
        return db.withHandle(handle -> plan(handle, environment, bundle));
    }

    private Plan plan(Handle handle, long environment, Bundle bundle) {
        var stored = new LinkedHashMap<BundleFunction.Key, BundleFunction>();
        handle.createQuery(OF_ENVIRONMENT)
                .bind("environment", environment)
                .map((row, _) -> read(row))
                .filter(f -> bundle.integration().isEmpty()
                        || bundle.integration().get().equals(f.key().integration()))
                .forEach(f -> stored.put(f.key(), f));
        var plan = new Plan(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (var item : bundle.functions()) {
            var before = stored.remove(item.key());
            if (before == null) {
                plan.created().add(item);
            } else if (before.codeHash().equals(CodeHash.of(item.js(), item.ts()))
                    && before.definition().equals(item.definition())) {
                plan.unchanged().add(item);
            } else {
                plan.updated().add(item);
            }
        }
        plan.deleted().addAll(stored.keySet());
        return plan;
    }

    /** @param by name of the API key */
    Plan deploy(long environment, Bundle bundle, String by) {
        var known = known(environment, bundle);
        var plan = db.inTransaction(handle -> {
            DeployLock.alone(handle, environment);
            var changes = plan(handle, environment, bundle);
            changes.created().forEach(item -> put(handle, environment, known, item, by));
            changes.updated().forEach(item -> put(handle, environment, known, item, by));
            changes.deleted()
                    .forEach(key -> handle.createUpdate(DELETE)
                            .bind(
                                    "integration",
                                    requireNonNull(known.get(key.integration())).id())
                            .bind("name", key.name())
                            .execute());
            return changes;
        });
        if (!plan.updated().isEmpty() || !plan.deleted().isEmpty()) {
            code.removeUnused();
        }
        return plan;
    }

    private void put(Handle handle, long environment, Map<String, Integration> known, Item item, String by) {
        handle.createUpdate(PUT)
                .bind("environment", environment)
                .bind(
                        "integration",
                        requireNonNull(known.get(item.integration())).id())
                .bind("name", item.name())
                .bind("definition", Json.text(item.definition()))
                .bind("code", code.add(handle, item.js(), item.ts()))
                .bind("by", by)
                .execute();
    }

    /** The environment's integrations; refuses a deployment that names others. */
    private Map<String, Integration> known(long environment, Bundle bundle) {
        var known = new HashMap<String, Integration>();
        integrations.list(environment).forEach(i -> known.put(i.uniqueKey(), i));
        var missing = new TreeSet<String>();
        bundle.integration().ifPresent(missing::add);
        bundle.functions().forEach(item -> missing.add(item.integration()));
        missing.removeAll(known.keySet());
        if (!missing.isEmpty()) {
            throw Failure.plain(
                    400, "integration_not_found", "Integration(s) not found: " + String.join(", ", missing));
        }
        return known;
    }

    private static BundleFunction read(ResultSet row) throws SQLException {
        return new BundleFunction(
                new BundleFunction.Key(row.getString("unique_key"), row.getString("name")),
                Json.parse(row.getString("definition")),
                row.getString("code_hash"));
    }
}
