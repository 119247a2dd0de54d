package dev.millrace.server.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RateCountTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:10Z"));
    private final Clock clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);
    private final RateCount rates = new RateCount(clock);

    @Test
    void a_minute_has_its_limit() {
        for (int i = 0; i < 3_999; i++) {
            rates.add(1);
        }

        var last = rates.add(1);
        assertThat(last.isOver()).isFalse();
        assertThat(last.headers())
                .containsEntry("X-RateLimit-Limit", List.of("4000"))
                .containsEntry("X-RateLimit-Remaining", List.of("0"))
                .containsEntry("X-RateLimit-Reset", List.of("1767225660"));
        var over = rates.add(1);
        assertThat(over.isOver()).isTrue();
        assertThat(over.retryAfter()).isEqualTo("50");
        assertThat(rates.add(2).isOver()).isFalse();
        now.set(Instant.parse("2026-01-01T00:01:00Z"));
        assertThat(rates.add(1).headers()).containsEntry("X-RateLimit-Remaining", List.of("3999"));
    }
}
