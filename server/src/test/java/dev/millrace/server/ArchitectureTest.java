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
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rooms of the server, who may know whom, and what nobody does. */
class ArchitectureTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.millrace");

    private static final String[] FEATURES = rooms(
            "environment",
            "provider",
            "integration",
            "connection",
            "metadata",
            "proxy",
            "record",
            "function",
            "schema",
            "delivery",
            "run",
            "sync");

    private static String[] rooms(String... names) {
        return Arrays.stream(names)
                .map(name -> "dev.millrace.server." + name + "..")
                .toArray(String[]::new);
    }

    @Test
    void no_rooms_need_each_other() {
        check(slices().matching("dev.millrace.server.(*)..").should().beFreeOfCycles());
    }

    @Test
    void the_rooms_below_know_no_feature() {
        check(noClasses()
                .that(are(resideInAnyPackage(
                        rooms("network", "http", "db", "outbound", "cluster", "vault", "activity", "schedule"))))
                .should()
                .dependOnClassesThat(are(resideInAnyPackage(FEATURES))));
    }

    @Test
    void the_way_out_knows_the_ground_alone() {
        check(noClasses()
                .that(are(resideInAnyPackage(rooms("outbound"))))
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.millrace..")
                        .and(not(resideInAnyPackage(rooms("outbound", "network", "http"))))));
    }

    /** The client of other people's programs is none of the server's ways out. */
    @Test
    void everything_leaves_by_one_way() {
        check(noClasses()
                .that(are(resideInAnyPackage("dev.millrace.server..")))
                .should()
                .dependOnClassesThat(are(resideInAnyPackage("java.net.http..")))
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.net.HttpURLConnection.class));
        check(noClasses()
                .that(are(resideInAnyPackage("dev.millrace.server..")))
                .and(not(resideInAnyPackage(rooms("outbound"))))
                .should()
                .dependOnClassesThat(are(resideInAnyPackage("org.apache.hc.."))));
    }

    @Test
    void settings_know_of_the_rooms_their_settings_only() {
        check(noClasses()
                .that(are(resideInAnyPackage(rooms("config"))))
                .should()
                .dependOnClassesThat(resideInAnyPackage(FEATURES).and(not(simpleNameEndsWithConfig()))));
    }

    private static DescribedPredicate<JavaClass> simpleNameEndsWithConfig() {
        return DescribedPredicate.describe(
                "are settings", type -> type.getSimpleName().endsWith("Config"));
    }

    /** Each room with those above it, which it may not know. */
    @TestFactory
    List<DynamicTest> dependencies_point_downwards() {
        return List.of(
                below("environment", "provider", "integration", "connection", "function", "record"),
                below("provider", "environment", "integration", "connection", "function", "record", "proxy"),
                below("integration", "connection", "metadata", "proxy", "record", "function", "schema", "run", "sync"),
                below("connection", "metadata", "proxy", "record", "function", "schema", "run", "sync"),
                below("metadata", "proxy", "record", "function", "schema", "run", "sync"),
                below("proxy", "metadata", "record", "function", "schema", "run", "sync"),
                below("record", "connection", "metadata", "proxy", "function", "schema", "run", "sync"),
                below("function", "connection", "metadata", "proxy", "record", "schema", "run", "sync"),
                below("function.runtime", "integration", "environment", "provider", "connection", "db"),
                below("schema", "proxy", "record", "run", "sync"),
                below("cluster", "schedule", "vault", "activity"),
                below("delivery", "proxy", "record", "function", "schema", "run", "sync"),
                below("run", "schema", "sync"));
    }

    private static DynamicTest below(String room, String... above) {
        return DynamicTest.dynamicTest(
                room,
                () -> check(noClasses()
                        .that(are(resideInAnyPackage(rooms(room))))
                        .should()
                        .dependOnClassesThat(are(resideInAnyPackage(rooms(above))))));
    }

    @Test
    void only_the_composition_root_knows_everything() {
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
    void sdk_and_client_know_nothing_of_ours() {
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

    @Test
    void logging_goes_one_way() {
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
