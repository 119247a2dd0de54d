package dev.millrace.server.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.PlainHttp;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import tools.jackson.databind.node.ObjectNode;

/** The third-party API which the functions of the conformance suite speak to: every kind of answer they have to cope with. */
public final class SdkApi implements AutoCloseable {
    private static final int ITEMS = 7;

    private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
    private final PlainHttp server = new PlainHttp(0, routes());

    /** Its address, without a slash at the end. */
    public String url() {
        return "http://localhost:" + server.port();
    }

    private List<Route> routes() {
        return List.of(
                Route.any("/status/{status}", SdkApi::status),
                Route.any("/payload/{status}", SdkApi::payload),
                Route.any("/flaky/{name}/{failures}/{status}", this::flaky),
                Route.get("/text", _ -> text(200, Map.of("X-Up", List.of("yes")), "plain text")),
                Route.get("/number", _ -> text(200, Map.of(), "42")),
                Route.get("/empty", _ -> text(200, Map.of(), "")),
                Route.get("/bom", _ -> text(200, Map.of(), "\uFEFF{\"bom\":true}")),
                Route.get("/refused", _ -> text(422, Map.of(), "not like this")),
                Route.get("/nocontent", _ -> Response.empty(204)),
                Route.get("/bytes", _ -> bytes(Map.of(), new byte[] {0, 1, 2, (byte) 0xff, (byte) 0xfe})),
                Route.get("/gzip", _ -> bytes(Map.of("Content-Encoding", List.of("gzip")), gzip("{\"packed\":true}"))),
                Route.get("/zip", _ -> bytes(Map.of(), zip(Map.of("a.txt", "first", "dir/b.json", "{\"b\":2}")))),
                Route.get(
                        "/cookies",
                        _ -> json(200, Map.of("Set-Cookie", List.of("a=1", "b=2; Path=/")), object().put("ok", true))),
                Route.any("/redirect", _ -> to("/echo/landed")),
                Route.any("/loop", _ -> to("/loop")),
                Route.get("/link", this::link),
                Route.any("/offset", SdkApi::offset),
                Route.any("/cursor", SdkApi::cursor),
                Route.get("/soap", _ -> SoapService.describe(url() + "/soap")),
                Route.post("/soap", SoapService::answer),
                Route.any("/", SdkApi::echo),
                Route.any("/{path...}", SdkApi::echo));
    }

    private static Response to(String place) {
        return new Response.Empty(302, Map.of("Location", List.of(place)));
    }

    private static Response echo(Request req) {
        var query = req.rawQuery();
        var answer =
                object().put("method", req.method()).put("url", req.rawPath() + (query.isEmpty() ? "" : "?" + query));
        var headers = answer.putObject("headers");
        req.headers().forEach((name, values) -> headers.put(name, String.join(", ", values)));
        var body = req.body();
        return json(answer.put("body", new String(body, UTF_8))
                .put("base64", Base64.getEncoder().encodeToString(body)));
    }

    private static Response status(Request req) {
        int status = Integer.parseInt(req.variable("status"));
        var headers = Map.of("X-RateLimit-Remaining", List.of("3"), "X-Secret", List.of("s"));
        return json(status, headers, object().put("error", "upstream").put("status", status));
    }

    private static Response payload(Request req) {
        var answer = object();
        answer.putObject("payload").put("inner", true);
        return json(Integer.parseInt(req.variable("status")), Map.of(), answer.put("outer", true));
    }

    /** Fails so many times, counted by name, then answers how often it was called. */
    private Response flaky(Request req) {
        int call = calls.computeIfAbsent(req.variable("name"), _ -> new AtomicInteger())
                .incrementAndGet();
        var body = object().put("calls", call);
        return call <= Integer.parseInt(req.variable("failures"))
                ? json(Integer.parseInt(req.variable("status")), Map.of("X-Wait", List.of("0")), body)
                : json(body);
    }

    private Response link(Request req) {
        int page = number(req, "page", 1);
        var answer = object();
        answer.put("url", req.rawPath() + "?" + req.rawQuery());
        var items = answer.putArray("items").add(page);
        if (page < 3) {
            var next = "/link?page=" + (page + 1);
            var link = "<" + url() + next + ">; rel=\"next\", <" + url() + "/link?page=3>; rel=\"last\"";
            return json(200, Map.of("Link", List.of(link)), answer.put("next", next));
        }
        items.removeAll();
        return json(answer);
    }

    private static Response offset(Request req) {
        int start = number(req, "offset", 0);
        var items = object();
        var list = items.putArray("items");
        for (int i = start; i < Math.min(start + number(req, "limit", 3), ITEMS); i++) {
            list.add(i);
        }
        return json(items);
    }

    /** By query, or by a JSON body {@code {page: {after, size}}}. */
    private static Response cursor(Request req) {
        boolean inBody = req.body().length > 0;
        var body = inBody ? RawClient.JSON.readTree(req.body()) : object();
        int start = inBody ? body.at("/page/after").asInt(0) : number(req, "after", 0);
        int size = inBody ? body.at("/page/size").asInt(3) : number(req, "size", 3);
        var answer = object();
        var list = answer.putObject("data").putArray("items");
        int end = Math.min(start + size, ITEMS);
        for (int i = start; i < end; i++) {
            list.add(i);
        }
        answer.putObject("meta").put("next", end < ITEMS ? " " + end + " " : "");
        return json(answer.put("kept", body.path("kept").asString("")));
    }

    private static int number(Request req, String name, int otherwise) {
        return req.queryTree().path(name).asInt(otherwise);
    }

    private static ObjectNode object() {
        return RawClient.JSON.createObjectNode();
    }

    private static Response text(int status, Map<String, List<String>> headers, String text) {
        return typed(status, "text/plain", headers, text.getBytes(UTF_8));
    }

    private static Response bytes(Map<String, List<String>> headers, byte[] bytes) {
        return typed(200, "application/octet-stream", headers, bytes);
    }

    private static Response json(ObjectNode body) {
        return json(200, Map.of(), body);
    }

    private static Response json(int status, Map<String, List<String>> headers, ObjectNode body) {
        return typed(status, "application/json", headers, body.toString().getBytes(UTF_8));
    }

    private static Response typed(int status, String type, Map<String, List<String>> headers, byte[] body) {
        var all = new HashMap<>(headers);
        all.put("Content-Type", List.of(type));
        return new Response.Bytes(status, all, body);
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
        server.close();
    }
}
