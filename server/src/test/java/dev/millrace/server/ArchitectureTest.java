package dev.millrace.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.sql.Connection;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The layers of the server, which package may import which, and what no package does. */
@Tag("slow")
class ArchitectureTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.millrace");

    /** From the lowest to the highest. A package imports only from its own layer and from those below it. */
    private static final List<List<String>> LAYERS = List.of(
            List.of("network", "http", "db", "outbound"),
            List.of("schedule", "cluster", "encryption", "log", "provider"),
            List.of("environment", "integration", "metadata", "record"),
            List.of("credential"),
            List.of("connection"),
            List.of("function", "schema"),
            List.of("proxy", "delivery"),
            List.of("run"),
            List.of("action", "dryrun", "sync", "webhook"),
            List.of("connect"),
            List.of("ui"),
            List.of("config"));

    /** Packages of one layer that are further apart than their layer says. */
    private static final Map<String, List<String>> APART = Map.of(
            "cluster", List.of("schedule", "encryption", "log"),
            "provider", List.of("schedule", "cluster", "encryption"),
            "record", List.of("metadata"),
            "function.js", List.of("integration", "environment", "provider", "connection", "db"));

    private static final List<String> FEATURES =
            LAYERS.subList(2, LAYERS.size() - 1).stream().flatMap(List::stream).toList();

    private static String[] packages(String... names) {
        return Arrays.stream(names)
                .map(name -> "dev.millrace.server." + name + "..")
                .toArray(String[]::new);
    }

    @Test
    void packages_do_not_form_cycles() {
        check(slices().matching("dev.millrace.server.(*)..").should().beFreeOfCycles());
    }

    @Test
    void every_package_has_a_layer() {
        var known = LAYERS.stream().flatMap(List::stream).toList();
        check(classes()
                .that(are(resideInAnyPackage("dev.millrace.server.*..")))
                .should()
                .resideInAnyPackage(packages(known.toArray(String[]::new))));
    }

    @TestFactory
    List<DynamicTest> imports_go_down() {
        var tests = new ArrayList<DynamicTest>();
        for (int layer = 0; layer < LAYERS.size(); layer++) {
            var above = LAYERS.subList(layer + 1, LAYERS.size()).stream()
                    .flatMap(List::stream)
                    .toList();
            for (var name : LAYERS.get(layer)) {
                tests.add(apart(name, above));
            }
        }
        APART.forEach((name, others) -> tests.add(apart(name, others)));
        return tests;
    }

    private static DynamicTest apart(String name, List<String> others) {
        return DynamicTest.dynamicTest(
                name + " without " + others,
                () -> check(noClasses()
                        .that(are(resideInAnyPackage(packages(name))))
                        .should()
                        .dependOnClassesThat(are(resideInAnyPackage(packages(others.toArray(String[]::new)))))
                        .allowEmptyShould(true)));
    }

    @Test
    void outbound_imports_only_network_and_http() {
        check(noClasses()
                .that(are(resideInAnyPackage(packages("outbound"))))
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.millrace..")
                        .and(not(resideInAnyPackage(packages("outbound", "network", "http"))))));
    }

    /** The client of other people's programs is none of the server's ways out. */
    @Test
    void outgoing_calls_use_no_other_http_client() {
        check(noClasses()
                .that(are(resideInAnyPackage("dev.millrace.server..")))
                .should()
                .dependOnClassesThat(are(resideInAnyPackage("java.net.http..")))
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.net.HttpURLConnection.class));
        check(noClasses()
                .that(are(resideInAnyPackage("dev.millrace.server..")))
                .and(not(resideInAnyPackage(packages("outbound"))))
                .should()
                .dependOnClassesThat(are(resideInAnyPackage("org.apache.hc.."))));
    }

    @Test
    void configuration_imports_only_the_settings_of_features() {
        check(noClasses()
                .that(are(resideInAnyPackage(packages("config"))))
                .should()
                .dependOnClassesThat(resideInAnyPackage(packages(FEATURES.toArray(String[]::new)))
                        .and(not(simpleNameEndsWithConfig()))));
    }

    private static DescribedPredicate<JavaClass> simpleNameEndsWithConfig() {
        return DescribedPredicate.describe(
                "are settings", type -> type.getSimpleName().endsWith("Config"));
    }

    @Test
    void only_the_composition_root_imports_all_packages() {
        check(noClasses()
                .that(are(not(simpleName("Server"))))
                .and()
                .resideInAPackage("dev.millrace.server..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName(Server.class.getName()));
    }

    @Test
    void the_server_does_not_use_its_own_client() {
        check(noClasses()
                .that(are(resideInAnyPackage("dev.millrace.server..")))
                .should()
                .dependOnClassesThat(are(resideInAnyPackage("dev.millrace.client.."))));
    }

    @Test
    void sdk_and_client_import_no_other_module() {
        check(noClasses()
                .that(are(resideInAnyPackage("dev.millrace.sdk..", "dev.millrace.client..")))
                .should()
                .dependOnClassesThat(are(resideInAnyPackage("dev.millrace.server.."))));
    }

    @Test
    void the_environment_is_read_elsewhere() {
        check(noClasses()
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class));
    }

    @Test
    void time_is_passed_in() {
        check(noClasses()
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(LocalDate.class, "now")
                .orShould()
                .callMethod(LocalDateTime.class, "now")
                .orShould()
                .callMethod(OffsetDateTime.class, "now")
                .orShould()
                .callMethod(ZonedDateTime.class, "now"));
    }

    @Test
    void concurrency_is_blocking_code() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocal.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(CompletableFuture.class));
    }

    /** Statements go through Jdbi, or through {@code Sql} where they are hot: nobody counts question marks. */
    @Test
    void only_the_package_db_prepares_statements() {
        check(noClasses()
                .that(are(resideInAnyPackage("dev.millrace.server..")))
                .and(not(resideInAnyPackage(packages("db"))))
                .should()
                .callMethod(Connection.class, "prepareStatement", String.class)
                .orShould()
                .callMethod(Connection.class, "createStatement")
                .orShould()
                .callMethod(Connection.class, "createArrayOf", String.class, Object[].class));
    }

    @Test
    void nothing_uses_java_util_logging() {
        check(noClasses().should().dependOnClassesThat(are(resideInAnyPackage("java.util.logging.."))));
    }

    @Test
    void every_package_says_what_may_be_null() {
        check(classes().should(new ArchCondition<>("be in a package that is @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
                events.add(new SimpleConditionEvent(type, marked, type.getPackageName() + " is not @NullMarked"));
            }
        }));
    }

    private static void check(ArchRule rule) {
        rule.check(OURS);
    }
}
