package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.outbound.BodyFailure;
import dev.millrace.server.outbound.Limits;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundConfig;
import dev.millrace.server.outbound.OutboundFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;

/** Answers that are nearly right: whatever becomes of them, the call ends, and the next one gets its own answer. */
@Tag("slow")
class AnswerFuzzTest {
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Target TARGET = Samples.of(Samples.builtIn("unauthenticated"), "{}");

    private static final List<String> ANSWERS = List.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nx: 1\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nx-a: 1\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted");

    private static final List<String> PIECES = List.of(
            "",
            "\r",
            "\n",
            "\r\n",
            "\r\n\r\n",
            " ",
            "\t",
            "\0",
            ":",
            ";",
            ",",
            "0",
            "-1",
            "ffffffffffffffff",
            "chunked",
            "Content-Length: 9\r\n",
            "Content-Length: 0\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Connection: close\r\n",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted",
            "\u00e9",
            "\u0080",
            "0\r\n\r\n");

    private static final RawProvider provider = open();
    private static final Outbound outbound = new Outbound(OutboundConfig.direct(true)
            .withLimits(new Limits(
                    Duration.ofSeconds(2), Duration.ofMillis(150), Duration.ofMillis(150), Duration.ofSeconds(2))));
    private static final Proxy proxy = new Proxy(outbound, Clock.systemUTC(), new Random(1), _ -> {});

    private static RawProvider open() {
        try {
            return new RawProvider();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterContainer
    static void stop() throws IOException {
        outbound.close();
        provider.close();
    }

    /** A piece in the place of some characters. */
    record Change(double at, int length, String piece) {
        String of(String text) {
            int from = (int) (at * text.length());
            return text.substring(0, from) + piece + text.substring(Math.min(from + length, text.length()));
        }
    }

    @Provide
    Arbitrary<String> broken() {
        var changes = Combinators.combine(
                        Arbitraries.doubles().between(0, 1),
                        Arbitraries.integers().between(0, 12),
                        Arbitraries.of(PIECES))
                .as(Change::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3);
        return Combinators.combine(Arbitraries.of(ANSWERS), changes).as((answer, all) -> {
            var text = answer;
            for (var change : all) {
                text = change.of(text);
            }
            return text;
        });
    }

    @Property(tries = 400, shrinking = ShrinkingMode.OFF)
    void nothing_hangs_fails_otherwise_or_is_taken_by_the_next_call(
            @ForAll("broken") String answer, @ForAll("then") String then) throws Exception {
        provider.answers(answer, then);
        long started = System.nanoTime();

        try (var got = proxy.send(call(), () -> TARGET, Observer.NONE)) {
            got.body().readAllBytes();
        } catch (BodyFailure broken) {
            assertThat(broken.failure().kind()).isNotEqualTo(OutboundFailure.Kind.REFUSED);
        } catch (OutboundFailure failure) {
            assertThat(failure.code()).isNotEmpty();
        }

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(LONGEST);
        try (var next = proxy.send(call(), () -> TARGET, Observer.NONE)) {
            assertThat(new String(next.body().readAllBytes(), US_ASCII)).isEqualTo("next");
        }
    }

    @Provide
    Arbitrary<String> then() {
        return Arbitraries.of("open", "close");
    }

    private static Call call() {
        return Call.to("GET", "/x").baseUrlOverride(provider.url()).build();
    }
}
