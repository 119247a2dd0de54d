package dev.millrace.server.provider;

import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The values of {@code ${now}} and {@code ${random}} during one request: fixed after their first use. Not thread-safe.
 */
public final class Moment {
    private final InstantSource clock;
    private @Nullable Instant now;
    private @Nullable String random;

    public Moment(InstantSource clock) {
        this.clock = clock;
    }

    public Instant now() {
        var known = now;
        if (known == null) {
            known = clock.instant();
            now = known;
        }
        return known;
    }

    public String random() {
        var known = random;
        if (known == null) {
            known = UUID.randomUUID().toString();
            random = known;
        }
        return known;
    }
}
