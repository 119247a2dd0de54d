package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.Limits;
import dev.millrace.server.outbound.OutboundConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What callers get for what providers answer, right or wrong: the table is provider-answers.txt. */
@Tag("slow")
@Timeout(300)
class ProviderAnswersTest {
    private static final Pattern ESCAPE = Pattern.compile("\\\\(r|n|t|0|x..|z)|(.)\\*(\\d+)");
    private static final OutboundConfig IMPATIENT = OutboundConfig.direct(true)
            .withLimits(new Limits(
                    Duration.ofSeconds(5), Duration.ofMillis(600), Duration.ofMillis(600), Duration.ofSeconds(20)));
    private static final ProxyServer SERVER =
            new ProxyServer(Samples.of(Samples.builtIn("unauthenticated"), "{}"), 1_000_000, IMPATIENT);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @AfterAll
    static void stop() {
        CLIENT.shutdownNow();
        SERVER.close();
    }

    record Row(String method, String answer, String then, String outcome) {
        static Row of(String line) {
            var parts = Pattern.compile(" \\| ?").split(line, -1);
            return new Row(parts[0], parts[1].strip(), parts[2].strip(), parts[3].strip());
        }

        String bytes() {
            return ESCAPE.matcher(answer)
                    .replaceAll(found -> found.group(1) == null
                            ? found.group(2).repeat(Integer.parseInt(found.group(3)))
                            : java.util.regex.Matcher.quoteReplacement(unescaped(found.group(1))));
        }

        private static String unescaped(String name) {
            return switch (name) {
                case "r" -> "\r";
                case "n" -> "\n";
                case "t" -> "\t";
                case "0" -> "\0";
                case "z" -> zipped();
                default -> String.valueOf((char) Integer.parseInt(name.substring(1), 16));
            };
        }

        private static String zipped() {
            var bytes = new ByteArrayOutputStream();
            try (var out = new GZIPOutputStream(bytes)) {
                out.write("zipped".getBytes(UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return "Content-Length: " + bytes.size() + "\r\n\r\n" + bytes.toString(ISO_8859_1);
        }
    }

    static Stream<Row> rows() throws IOException {
        try (var file = ProviderAnswersTest.class.getResourceAsStream("/outbound/provider-answers.txt")) {
            assertThat(file).isNotNull();
            return new String(file.readAllBytes(), UTF_8)
                    .lines().filter(line -> !line.isEmpty() && !line.startsWith("#")).map(Row::of).toList().stream();
        }
    }

    private static String call(RawProvider provider, String method) throws InterruptedException {
        var body = method.equals("POST") ? BodyPublishers.ofString("{\"a\":1}") : BodyPublishers.noBody();
        var request = HttpRequest.newBuilder(URI.create(SERVER.url() + "/proxy/x"))
                .header("provider-config-key", "mock-none")
                .header("connection-id", "c1")
                .header("base-url-override", provider.url())
                .header("content-type", "application/json")
                .method(method, body)
                .build();
        try {
            var answer = CLIENT.send(request, BodyHandlers.ofString());
            return (answer.statusCode() + " " + told(answer.body(), method)).strip();
        } catch (IOException e) {
            return "cut";
        }
    }

    /** The code of a failure when it has its form, else the body. */
    private static String told(String body, String method) {
        if (!body.startsWith("{\"message\":")) {
            return body;
        }
        var failure = Json.parse(body);
        assertThat(failure.propertyNames()).containsExactly("message", "code", "method");
        assertThat(failure.path("message").asString("")).isNotEmpty();
        assertThat(failure.path("method").asString("")).isEqualTo(method.toLowerCase(Locale.ROOT));
        return failure.path("code").asString("");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void answers_have_their_outcome(Row row) throws Exception {
        try (var provider = new RawProvider().answers(row.bytes(), row.then())) {
            assertThat(call(provider, row.method())).isEqualTo(row.outcome());
            assertThat(provider.requests).as("requests sent").hasSize(1);

            assertThat(call(provider, "GET")).as("the next call's answer").isEqualTo("200 next");
            assertThat(provider.requests).as("requests sent").hasSize(2);
        }
    }

    @Test
    void the_table_is_long() throws Exception {
        assertThat(rows().distinct().count()).isGreaterThan(100);
    }
}
