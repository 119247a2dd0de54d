package dev.millrace.server.metadata;

import dev.millrace.server.environment.Settings;
import java.time.Duration;
import java.time.Instant;

/** Which versions of a history are kept. */
record HistoryLimits(int versions, int days) {
    static HistoryLimits of(Settings settings) {
        return new HistoryLimits(settings.metadataHistoryVersions(), settings.metadataHistoryDays());
    }

    Instant oldest(Instant now) {
        return now.minus(Duration.ofDays(days));
    }
}
