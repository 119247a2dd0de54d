package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies are inflated, answers are compressed for those who ask for it. */
class CompressionTest {
    private static final EchoServer SERVER = new EchoServer();
    private static final String TEXT = "{\"a\":[1,2,3]}";

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static RawClient.Reply post(String path, String encoding, byte[] body) throws IOException {
        try (var client = SERVER.connect()
                .send("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Encoding: " + encoding + "\r\nContent-Length: "
                        + body.length + "\r\n\r\n")
                .send(body)) {
            var reply = client.reply();
            assertThat(client.kept()).isTrue();
            return reply;
        }
    }

    private static byte[] gzip(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] deflated(boolean bare) {
        var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, bare);
        deflater.setInput(TEXT.getBytes(UTF_8));
        deflater.finish();
        var out = new byte[100];
        int count = deflater.deflate(out);
        deflater.end();
        return java.util.Arrays.copyOf(out, count);
    }

    @Test
    void bodies_are_inflated() throws IOException {
        assertThat(post("/json", "gzip", gzip(TEXT)).text()).isEqualTo(TEXT);
        assertThat(post("/json", "X-GZIP", gzip(TEXT)).text()).isEqualTo(TEXT);
        assertThat(post("/x", "gzip", gzip("hello")).text()).contains("POST /x hello");
        assertThat(post("/json", "deflate", deflated(false)).text()).isEqualTo(TEXT);
        assertThat(post("/json", "deflate", deflated(true)).text()).isEqualTo(TEXT);
        assertThat(post("/json", "identity", TEXT.getBytes(UTF_8)).text()).isEqualTo(TEXT);
    }

    @Test
    void bodies_that_are_not_what_they_say_are_refused() throws IOException {
        assertThat(post("/json", "gzip", TEXT.getBytes(UTF_8)).status()).isEqualTo(400);
        assertThat(post("/json", "deflate", TEXT.getBytes(UTF_8)).status()).isEqualTo(400);
        var half = java.util.Arrays.copyOf(gzip(TEXT.repeat(100)), 30);
        assertThat(post("/json", "gzip", half).status()).isEqualTo(400);
        assertThat(post("/json", "br", new byte[] {1, 2, 3}).status()).isEqualTo(415);
    }

    private static RawClient.Reply get(int size, String accepted) throws IOException {
        try (var client = SERVER.connect()
                .send("GET /text/" + size + " HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + accepted + "\r\n\r\n")) {
            return client.reply();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "gzip, compress, deflate, br", "br;q=1.0, GZIP;q=0.8", "deflate,gzip"})
    void answers_are_compressed_for_those_who_ask(String accepted) throws IOException {
        var plain = get(100_000, "identity");

        var packed = get(100_000, accepted);

        assertThat(packed.header("content-encoding")).isEqualTo("gzip");
        assertThat(packed.header("vary")).isEqualTo("Accept-Encoding");
        assertThat(packed.header("etag")).isEqualTo(plain.header("etag"));
        assertThat(packed.body().length).isLessThan(plain.body().length / 10);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(packed.body())).readAllBytes())
                .isEqualTo(plain.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "identity", "gzip;q=0", "gzip;q=0.0", "application/json", "br"})
    void others_get_them_plain(String accepted) throws IOException {
        assertThat(get(100_000, accepted).header("content-encoding")).isEmpty();
    }

    @Test
    void short_answers_stay_plain() throws IOException {
        assertThat(get(1_000, "gzip").header("content-encoding")).isEmpty();
    }

    @Test
    void answers_that_do_not_shrink_are_whole_all_the_same() throws IOException {
        var random = new byte[200_000];
        new java.util.Random(1).nextBytes(random);

        var packed = Gzip.packed(random, random.length);

        var bytes = new byte[packed.remaining()];
        packed.get(bytes);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes())
                .isEqualTo(random);
    }
}
