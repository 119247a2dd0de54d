package dev.millrace.server.testkit;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets tests await a condition for 90 seconds unless they say otherwise: the limit is there to end a test that hangs, not
 * to measure. JUnit finds this extension by itself.
 */
public final class AwaitLimit implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(90));
    }
}
