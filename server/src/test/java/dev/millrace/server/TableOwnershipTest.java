package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.TestDatabase;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.StringEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * A table has one owner: only that package names it in SQL. Read here are the string constants of the compiled classes,
 * in which the compiler has put together what the sources write in pieces.
 */
class TableOwnershipTest {
    private static final Map<String, List<String>> OWNERS = Map.ofEntries(
            Map.entry("environment", List.of("environment", "api_key", "signing_key", "environment_variable")),
            Map.entry("integration", List.of("integration")),
            Map.entry("connection", List.of("connection")),
            Map.entry("metadata", List.of("metadata", "metadata_history", "metadata_index")),
            Map.entry("credential", List.of("token_refresh")),
            Map.entry("connect", List.of("connect_session", "auth_flow")),
            Map.entry("function", List.of("function_code", "function", "function_job")),
            Map.entry("sync", List.of("sync")),
            Map.entry("run", List.of("run", "checkpoint", "function_lock")),
            Map.entry("action", List.of("async_action", "idempotent_call", "invocation")),
            Map.entry("delivery", List.of("webhook_event", "webhook_place", "webhook_destination", "webhook_delivery")),
            Map.entry("webhook", List.of("inbound_event", "inbound_run")),
            Map.entry("log", List.of("operation", "log_line")),
            Map.entry("record", List.of("dataset", "record", "delete_tracking", "seen_slice")),
            Map.entry("encryption", List.of("encryption_key", "encryption_secret", "encryption_rotation")),
            Map.entry("cluster", List.of("server")),
            Map.entry("ui", List.of("dashboard_password", "dashboard_session", "sign_in_attempt")),
            Map.entry("schedule", List.of("scheduled_tasks")),
            Map.entry("db", List.of("schema_history")));

    /** What a package publishes of its tables for statements of others: anybody may read these. */
    private static final Set<String> VIEWS = Set.of("connection_address", "sync_error");

    /**
     * Joins that stay for speed: a package that reads tables of others.
     *
     * @param where a package, or one class of it
     */
    private record Join(String where, Set<String> tables, String reason) {}

    private static final List<Join> JOINS = List.of(
            new Join(
                    "cluster.RunLease",
                    Set.of("run"),
                    "Every batch of records checks its lease by one lookup, below the package of runs."),
            new Join(
                    "integration.Integrations",
                    Set.of("environment"),
                    "The URL of a webhook names an environment and an integration: one statement for both."),
            new Join(
                    "metadata",
                    Set.of("integration", "connection"),
                    "A write finds the object by names and locks the declared paths, in one statement."),
            new Join(
                    "connection",
                    Set.of("integration", "metadata"),
                    "Every proxied call reads a connection, its integration and its metadata at once."),
            new Join(
                    "function",
                    Set.of("integration"),
                    "Every call of an action finds its function by the name of the integration."),
            new Join(
                    "run",
                    Set.of("metadata"),
                    "A run begins and ends with the version of the metadata of that very moment."),
            new Join(
                    "delivery",
                    Set.of("connection", "environment"),
                    "An event is stored and addressed with its connection in one statement; so goes what environments leave."),
            new Join(
                    "sync.SyncStore",
                    Set.of("connection", "function"),
                    "Lists of an integration's syncs, which may be a hundred thousand, and the check before records go."),
            new Join(
                    "sync.AffectedSync",
                    Set.of("connection", "function", "run", "checkpoint", "dataset", "delete_tracking"),
                    "Every change of metadata asks this: one statement in place of six."));

    private static final Pattern WRITE =
            Pattern.compile("\\b(?:INSERT\\s+INTO|DELETE\\s+FROM|UPDATE|COPY|TRUNCATE)\\s+(?:ONLY\\s+)?(\\w+)");
    private static final Pattern READ = Pattern.compile("\\b(?:FROM|JOIN|USING)\\s");
    private static final Pattern ITEM = Pattern.compile("\\s*(?:ONLY\\s+|LATERAL\\s+)?(\\w*)");
    // Commas in a condition of a join stand in parentheses, so a list may go on behind it.
    private static final Pattern END_OF_LIST =
            Pattern.compile("\\b(?:WHERE|GROUP|ORDER|HAVING|LIMIT|SET|RETURNING|FOR|UNION|SELECT|FROM)\\b");
    private static final Pattern TEXT = Pattern.compile("'[^']*'");

    /** A class that names a table. */
    private record Use(String className, String table, boolean writes) {
        String where() {
            return className.indexOf('.') < 0 ? "" : className.substring(0, className.indexOf('.'));
        }

        boolean isOf(Join join) {
            return !writes
                    && join.tables.contains(table)
                    && (join.where.equals(where())
                            || className.equals(join.where)
                            || className.startsWith(join.where + "$"));
        }
    }

    private static Map<String, String> owners() {
        var owners = new TreeMap<String, String>();
        OWNERS.forEach((owner, tables) -> tables.forEach(table -> owners.put(table, owner)));
        return owners;
    }

    @Test
    void every_table_has_one_owner() {
        var listed = OWNERS.values().stream().flatMap(List::stream).toList();

        assertThat(listed).doesNotHaveDuplicates();
        assertThat(relations("r")).containsExactlyInAnyOrderElementsOf(listed);
        assertThat(relations("v")).containsExactlyInAnyOrderElementsOf(VIEWS);
    }

    @Test
    void only_the_owner_of_a_table_writes_it() throws Exception {
        var owners = owners();

        var foreign = uses().stream()
                .filter(Use::writes)
                .filter(use -> owners.containsKey(use.table) && !use.where().equals(owners.get(use.table)));

        assertThat(foreign).isEmpty();
    }

    @Test
    void only_the_owner_of_a_table_reads_it_beside_the_listed_joins() throws Exception {
        var owners = owners();

        var foreign = uses().stream()
                .filter(use -> !use.writes)
                .filter(use -> owners.containsKey(use.table) && !use.where().equals(owners.get(use.table)))
                .filter(use -> JOINS.stream().noneMatch(use::isOf));

        assertThat(foreign).isEmpty();
    }

    @Test
    void every_listed_join_is_there() throws Exception {
        var uses = uses();

        for (var join : JOINS) {
            var tables = uses.stream().filter(use -> use.isOf(join)).map(Use::table);
            assertThat(tables).as(join.where).containsAll(join.tables);
        }
    }

    @Test
    void tables_are_found_in_statements_of_all_kinds() {
        assertThat(named("SELECT a FROM unnest(?, ?) AS x (a, b), run r JOIN sync s ON s.id = r.sync_id, server"))
                .containsExactlyInAnyOrder("unnest", "run", "sync", "server");
        assertThat(named("SELECT 1 FROM x AS y, LATERAL (SELECT 2 FROM run) z, server WHERE a IN (1, sync)"))
                .containsExactlyInAnyOrder("x", "", "run", "server");
        assertThat(named("DELETE FROM log_line USING gone WHERE a = 'FROM sync'"))
                .containsExactlyInAnyOrder("log_line", "gone");
        assertThat(WRITE.matcher("INSERT INTO record (a) SELECT 1").results().map(found -> found.group(1)))
                .containsExactly("record");
    }

    private static List<String> relations(String kind) {
        try (var db = TestDatabase.fresh()) {
            return db.withHandle(handle -> handle.createQuery(
                            "SELECT relname FROM pg_class WHERE relkind = :kind AND relnamespace = 'public'::regnamespace")
                    .bind("kind", kind)
                    .mapTo(String.class)
                    .list());
        }
    }

    private static Set<Use> uses() throws IOException, URISyntaxException {
        var root = Path.of(
                Server.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        var home = root.resolve(Server.class.getPackageName().replace('.', '/'));
        var uses = new HashSet<Use>();
        try (var files = Files.walk(home)) {
            for (var file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                var relative = home.relativize(file).toString();
                var name = relative.substring(0, relative.length() - ".class".length())
                        .replace('/', '.');
                for (var sql : strings(file)) {
                    WRITE.matcher(sql).results().forEach(found -> uses.add(new Use(name, found.group(1), true)));
                    named(sql).forEach(table -> uses.add(new Use(name, table, false)));
                }
            }
        }
        assertThat(uses).as("statements in " + home).isNotEmpty();
        return uses;
    }

    private static List<String> strings(Path file) throws IOException {
        return StreamSupport.stream(ClassFile.of().parse(file).constantPool().spliterator(), false)
                .filter(StringEntry.class::isInstance)
                .map(entry -> ((StringEntry) entry).stringValue())
                .toList();
    }

    /** What stands in the lists behind FROM, JOIN and USING: tables, names of WITH, functions. */
    private static Set<String> named(String statement) {
        var sql = TEXT.matcher(statement).replaceAll("''");
        return READ.matcher(sql)
                .results()
                .flatMap(found -> items(sql.substring(found.end())).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> items(String rest) {
        var end = END_OF_LIST.matcher(rest).useTransparentBounds(true);
        var items = new ArrayList<String>();
        int depth = 0;
        boolean begins = true;
        for (int at = 0; at < rest.length() && depth >= 0; at++) {
            if (depth == 0 && begins) {
                var item = ITEM.matcher(rest).region(at, rest.length());
                item.lookingAt();
                items.add(item.group(1));
                at = item.end() - 1;
                begins = false;
                continue;
            }
            if (depth == 0 && end.region(at, rest.length()).lookingAt()) {
                break;
            }
            switch (rest.charAt(at)) {
                case '(' -> depth++;
                case ')' -> depth--;
                case ',' -> begins = depth == 0;
                default -> {}
            }
        }
        return items;
    }
}
