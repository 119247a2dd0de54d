package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import tools.jackson.databind.node.ObjectNode;

/** The third-party API which the functions of the conformance suite speak to: every kind of answer they have to cope with. */
final class SdkApi implements AutoCloseable {
    private static final int ITEMS = 7;

    private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
    private final WebServer server = WebServer.builder()
            .address(InetAddress.getLoopbackAddress())
            .port(0)
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ZERO)
            .addProtocol(Http1Config.builder().validatePrologue(false).build())
            .routing(this::routes)
            .build()
            .start();

    /** Its address, without a slash at the end. */
    String url() {
        return "http://localhost:" + server.port();
    }

    private void routes(HttpRouting.Builder routing) {
        routing.any("/status/{status}", SdkApi::status)
                .any("/payload/{status}", SdkApi::payload)
                .any("/flaky/{name}/{failures}/{status}", this::flaky)
                .get("/text", (_, res) -> text(res.header("X-Up", "yes"), "plain text"))
                .get("/number", (_, res) -> text(res, "42"))
                .get("/empty", (_, res) -> text(res, ""))
                .get("/bom", (_, res) -> text(res, "\uFEFF{\"bom\":true}"))
                .get("/refused", (_, res) -> text(res.status(422), "not like this"))
                .get("/nocontent", (_, res) -> res.status(204).send())
                .get("/bytes", (_, res) -> bytes(res, new byte[] {0, 1, 2, (byte) 0xff, (byte) 0xfe}))
                .get("/gzip", (_, res) -> bytes(res.header("Content-Encoding", "gzip"), gzip("{\"packed\":true}")))
                .get("/zip", (_, res) -> bytes(res, zip(Map.of("a.txt", "first", "dir/b.json", "{\"b\":2}"))))
                .get("/cookies", (_, res) -> {
                    res.header(HeaderNames.SET_COOKIE, "a=1", "b=2; Path=/");
                    json(res, object().put("ok", true));
                })
                .any(
                        "/redirect",
                        (_, res) -> res.status(302)
                                .header("Location", "/echo/landed")
                                .send())
                .any(
                        "/loop",
                        (_, res) -> res.status(302).header("Location", "/loop").send())
                .get("/link", this::link)
                .any("/offset", SdkApi::offset)
                .any("/cursor", SdkApi::cursor)
                .get("/soap", (req, res) -> SoapService.describe(url() + "/soap", res))
                .post("/soap", SoapService::answer)
                .any(SdkApi::echo);
    }

    private static void echo(ServerRequest req, ServerResponse res) {
        var query = req.query().rawValue();
        var answer = object().put("method", req.prologue().method().text())
                .put("url", req.path().absolute().rawPath() + (query.isEmpty() ? "" : "?" + query));
        var headers = answer.putObject("headers");
        req.headers()
                .forEach(header -> headers.put(header.headerName().lowerCase(), String.join(", ", header.allValues())));
        var body = req.content().hasEntity() ? req.content().as(byte[].class) : new byte[0];
        json(
                res,
                answer.put("body", new String(body, UTF_8))
                        .put("base64", Base64.getEncoder().encodeToString(body)));
    }

    private static void status(ServerRequest req, ServerResponse res) {
        int status = Integer.parseInt(req.path().pathParameters().get("status"));
        res.status(status).header("X-RateLimit-Remaining", "3").header("X-Secret", "s");
        json(res, object().put("error", "upstream").put("status", status));
    }

    private static void payload(ServerRequest req, ServerResponse res) {
        res.status(Integer.parseInt(req.path().pathParameters().get("status")));
        var answer = object();
        answer.putObject("payload").put("inner", true);
        json(res, answer.put("outer", true));
    }

    /** Fails so many times, counted by name, then answers how often it was called. */
    private void flaky(ServerRequest req, ServerResponse res) {
        var path = req.path().pathParameters();
        int call = calls.computeIfAbsent(path.get("name"), _ -> new AtomicInteger())
                .incrementAndGet();
        if (call <= Integer.parseInt(path.get("failures"))) {
            res.status(Integer.parseInt(path.get("status"))).header("X-Wait", "0");
        }
        json(res, object().put("calls", call));
    }

    private void link(ServerRequest req, ServerResponse res) {
        int page = number(req, "page", 1);
        var answer = object();
        answer.put("url", req.path().absolute().rawPath() + "?" + req.query().rawValue());
        var items = answer.putArray("items").add(page);
        if (page < 3) {
            var next = "/link?page=" + (page + 1);
            res.header("Link", "<" + url() + next + ">; rel=\"next\", <" + url() + "/link?page=3>; rel=\"last\"");
            answer.put("next", next);
        } else {
            items.removeAll();
        }
        json(res, answer);
    }

    private static void offset(ServerRequest req, ServerResponse res) {
        int start = number(req, "offset", 0);
        var items = object();
        var list = items.putArray("items");
        for (int i = start; i < Math.min(start + number(req, "limit", 3), ITEMS); i++) {
            list.add(i);
        }
        json(res, items);
    }

    /** By query, or by a JSON body {@code {page: {after, size}}}. */
    private static void cursor(ServerRequest req, ServerResponse res) {
        boolean inBody = req.content().hasEntity();
        var body = inBody ? RawClient.JSON.readTree(req.content().as(String.class)) : object();
        int start = inBody ? body.at("/page/after").asInt(0) : number(req, "after", 0);
        int size = inBody ? body.at("/page/size").asInt(3) : number(req, "size", 3);
        var answer = object();
        var list = answer.putObject("data").putArray("items");
        int end = Math.min(start + size, ITEMS);
        for (int i = start; i < end; i++) {
            list.add(i);
        }
        answer.putObject("meta").put("next", end < ITEMS ? " " + end + " " : "");
        json(res, answer.put("kept", body.path("kept").asString("")));
    }

    private static int number(ServerRequest req, String name, int otherwise) {
        return req.query().first(name).map(Integer::parseInt).orElse(otherwise);
    }

    private static ObjectNode object() {
        return RawClient.JSON.createObjectNode();
    }

    private static void text(ServerResponse res, String text) {
        res.header(HeaderNames.CONTENT_TYPE, "text/plain").send(text.getBytes(UTF_8));
    }

    private static void bytes(ServerResponse res, byte[] bytes) {
        res.header(HeaderNames.CONTENT_TYPE, "application/octet-stream").send(bytes);
    }

    private static void json(ServerResponse res, ObjectNode body) {
        res.header(HeaderNames.CONTENT_TYPE, "application/json")
                .send(body.toString().getBytes(UTF_8));
    }

    private interface Writing {
        OutputStream around(OutputStream out) throws IOException;
    }

    private static byte[] gzip(String text) {
        return written(GZIPOutputStream::new, out -> out.write(text.getBytes(UTF_8)));
    }

    private static byte[] zip(Map<String, String> files) {
        return written(ZipOutputStream::new, out -> {
            var zip = (ZipOutputStream) out;
            for (var file : new TreeMap<>(files).entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(UTF_8));
                zip.closeEntry();
            }
        });
    }

    private interface Content {
        void to(OutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing, Content content) {
        var bytes = new ByteArrayOutputStream();
        try (var out = writing.around(bytes)) {
            content.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        server.stop();
    }
}
