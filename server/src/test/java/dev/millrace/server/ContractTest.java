package dev.millrace.server;

import dev.millrace.server.testkit.ContractStory;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What clients of the HTTP API rely on: the cases under {@code contract}, each file a story told in order. */
class ContractTest {
    @TestFactory
    Stream<DynamicTest> integrations() {
        return new ContractStory("integrations").tests();
    }

    @TestFactory
    Stream<DynamicTest> connections() {
        return new ContractStory("connections").tests();
    }

    @TestFactory
    Stream<DynamicTest> metadata() {
        return new ContractStory("metadata").tests();
    }

    @TestFactory
    Stream<DynamicTest> deploys() {
        return new ContractStory("deploy-cases").tests();
    }

    @TestFactory
    Stream<DynamicTest> syncs_and_records() {
        return new ContractStory("syncs").tests();
    }

    @TestFactory
    Stream<DynamicTest> actions() {
        return new ContractStory("actions").tests();
    }

    @TestFactory
    Stream<DynamicTest> proxy() {
        return new ContractStory("proxy").tests();
    }
}
