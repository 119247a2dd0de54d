package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.provider.AuthMode;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the definitions that come with the server make of a connection: the address for the person, the token calls, the
 * verification, a proxied call. All addresses lead to one API on this machine, by the host as first part of the path.
 */
class CatalogueRequestsTest {
    private static final Path EXPECTED = Path.of("src/test/resources/providers/requests.txt");
    private static final String REWRITE = "millrace.rewrite";
    private static final String COMMAND = "mvn -o test -pl server -am -Dtest='Catalogue*Test'"
            + " -Dsurefire.failIfNoSpecifiedTests=false -D" + REWRITE + "=true";
    private static final Set<String> USUAL = Set.of(
            "accept: application/json",
            "accept: application/json, text/plain, */*",
            "content-type: application/x-www-form-urlencoded");
    private static final Set<String> UNINTERESTING =
            Set.of("host", "user-agent", "connection", "content-length", "accept-encoding");
    /** Their logins have tests of their own. */
    private static final Set<AuthMode> APPS = Set.of(AuthMode.APP, AuthMode.CUSTOM);

    private static final Pattern BASIC = Pattern.compile("Basic ([A-Za-z0-9+/=]+)");

    @TempDir
    static Path folder;

    private static ScriptedApi api;
    private static TestServer server;
    private static RawClient browser;
    private static List<Provider> catalogue;

    @BeforeAll
    static void start() throws IOException {
        api = new ScriptedApi();
        var all = RawClient.JSON.createObjectNode();
        // Rules that hold for a name would name the provider's own host.
        var rules = RawClient.JSON.readTree(
                Objects.requireNonNull(Provider.class.getResourceAsStream("/credential/token-rules.json")));
        for (var provider : Providers.load(List.of()).search("")) {
            var definition = provider.definition().deepCopy();
            if (rules.has(provider.name())) {
                definition.set("token_rules", rules.get(provider.name()));
            }
            // Calls after a connection are made at a time of their own.
            definition.remove("post_connection");
            all.set(provider.name(), definition);
        }
        var file = Files.writeString(
                folder.resolve("catalogue.yaml"), all.toString().replace("https://", api.url() + '/'));
        catalogue = Providers.load(List.of(file)).search("");
        server = TestServer.with(List.of(file));
        browser = new RawClient(URI.create("http://localhost:" + server.url().getPort()), "none");
    }

    @AfterAll
    static void stop() {
        browser.close();
        server.close();
        api.close();
    }

    @Test
    void each_definition_makes_the_expected_requests() throws IOException {
        var actual = new TreeMap<String, String>();
        for (var provider : catalogue) {
            if (APPS.contains(provider.authMode()) || provider.definition().has("installation")) {
                continue;
            }
            actual.put(provider.name(), new Journey(provider).text());
        }

        if (Boolean.getBoolean(REWRITE)) {
            Files.writeString(EXPECTED, String.join("", actual.values()));
        }
        var expected = blocks(Files.readString(EXPECTED));
        assertThat(actual.keySet()).as("to rewrite the file: " + COMMAND).isEqualTo(expected.keySet());
        actual.forEach((name, text) ->
                assertThat(text).as(name + "; to rewrite the file: " + COMMAND).isEqualTo(expected.get(name)));
    }

    private static Map<String, String> blocks(String text) {
        return Pattern.compile("(?m)^(?=\\S)")
                .splitAsStream(text)
                .filter(block -> !block.isEmpty())
                .collect(Collectors.toMap(block -> block.substring(0, block.indexOf('\n')), block -> block));
    }

    /** One connection from its beginning to a call. */
    private static final class Journey {
        private final Provider provider;
        private final StringBuilder text = new StringBuilder();
        private final Map<String, String> config = new LinkedHashMap<>();
        private final ObjectNode token = RawClient.JSON
                .createObjectNode()
                .put("access_token", "token-1")
                .put("refresh_token", "refresh-1")
                .put("expires_in", 3600);

        Journey(Provider provider) {
            this.provider = provider;
            for (var field : provider.block("connection_config")
                    .orElseGet(RawClient.JSON::createObjectNode)
                    .properties()) {
                var sample = field.getValue().path("example").asString(field.getKey() + "-1");
                if (field.getValue().path("automated").asBoolean(false)) {
                    put(token, field.getKey(), sample);
                } else {
                    config.put(field.getKey(), sample);
                }
            }
        }

        private static void put(ObjectNode object, String path, String value) {
            int dot = path.indexOf('.');
            if (dot < 0) {
                object.put(path, value);
            } else {
                put(object.withObjectProperty(path.substring(0, dot)), path.substring(dot + 1), value);
            }
        }

        String text() {
            text.append(provider.name()).append('\n');
            createIntegration();
            api.answers(_ -> Given.json(token));
            connect();
            call();
            return masked(text.toString());
        }

        private void createIntegration() {
            var wanted = new LinkedHashMap<String, Object>();
            wanted.put("provider", provider.name());
            wanted.put("unique_key", provider.name());
            switch (provider.authMode()) {
                case OAUTH2, OAUTH1 -> wanted.put("credentials", client());
                default -> {}
            }
            var custom = new LinkedHashMap<String, String>();
            provider.integrationConfig()
                    .ifPresent(fields -> fields.properties().forEach(field -> {
                        if (field.getValue().has("example")) {
                            custom.put(
                                    field.getKey(),
                                    field.getValue().get("example").stringValue());
                        }
                    }));
            if (!custom.isEmpty()) {
                wanted.put("integration_config", custom);
            }
            server.client().createIntegration(wanted);
        }

        private Map<String, Object> client() {
            var client = new LinkedHashMap<String, Object>();
            client.put("type", provider.authMode().name());
            client.put("client_id", "client-1");
            client.put("client_secret", "secret-1");
            if (!provider.definition().has("default_scopes")) {
                client.put("scopes", "scope-1,scope-2");
            }
            return client;
        }

        private void connect() {
            switch (provider.authMode()) {
                case OAUTH2 -> authorise();
                case API_KEY -> post("/api-auth/api-key/", "{\"apiKey\":\"key-1\"}");
                case BASIC -> post("/api-auth/basic/", "{\"username\":\"user-1\",\"password\":\"password-1\"}");
                case OAUTH2_CC -> post("/oauth2/auth/", "{\"client_id\":\"client-1\",\"client_secret\":\"secret-1\"}");
                case TBA -> post("/auth/tba/", """
                            {"token_id":"token-1","token_secret":"token-secret-1",
                            "oauth_client_id_override":"client-1","oauth_client_secret_override":"secret-1"}""");
                case NONE -> post("/auth/unauthenticated/", "");
                case OAUTH1 -> accepted(server.raw().post("/connections", """
                                    {"provider_config_key":"%s","connection_id":"imported","credentials":
                                    {"type":"OAUTH1","oauth_token":"token-1","oauth_token_secret":"token-secret-1"}}""".formatted(provider.name())), 201);
                default -> throw new AssertionError("This test does not know how to connect " + provider.authMode());
            }
        }

        private void authorise() {
            var reply =
                    browser.get("/oauth/connect/" + provider.name() + "?connect_session_token=" + session() + query());
            assertThat(reply.status()).as(reply.toString()).isEqualTo(302);
            var location = reply.headers().firstValue("Location").orElseThrow();
            line("authorize", "GET", location);
            var cookie = reply.headers().firstValue("Set-Cookie").orElseThrow();
            var state = cookie.substring("oauth2-".length(), cookie.indexOf('='));
            var metadata = new StringBuilder();
            provider.definition()
                    .path("redirect_uri_metadata")
                    .forEach(name -> metadata.append('&')
                            .append(name.stringValue())
                            .append('=')
                            .append(token.path(name.stringValue()).asString("")));
            accepted(
                    browser.get(
                            "/oauth/callback?state=" + state + "&code=code-1" + metadata,
                            Map.of("Cookie", cookie.substring(0, cookie.indexOf(';')))),
                    200);
            shown("token");
            accepted(
                    server.raw()
                            .get("/connections/" + connection() + "?force_refresh=true&provider_config_key="
                                    + provider.name()),
                    200);
            shown("renew");
        }

        private void post(String path, String body) {
            accepted(
                    server.raw()
                            .send(
                                    "POST",
                                    path + provider.name() + "?connect_session_token=" + session() + query(),
                                    Map.of("Content-Type", "application/json", "Authorization", "none"),
                                    BodyPublishers.ofString(body)),
                    200);
            shown(provider.definition().has("token_url") ? "token" : "verify");
        }

        private static String session() {
            return accepted(server.raw().post("/connect/sessions", "{\"end_user\":{\"id\":\"u1\"}}"), 201)
                    .json()
                    .at("/data/token")
                    .stringValue();
        }

        private String query() {
            return config.entrySet().stream()
                    .map(field -> "&params[" + field.getKey() + "]=" + URLEncoder.encode(field.getValue(), UTF_8))
                    .collect(Collectors.joining());
        }

        private String connection() {
            return server.raw()
                    .get("/connections?integrationId=" + provider.name())
                    .json()
                    .at("/connections/0/connection_id")
                    .stringValue();
        }

        private void call() {
            var headers = new LinkedHashMap<String, String>();
            headers.put("Provider-Config-Key", provider.name());
            headers.put("Connection-Id", connection());
            if (!provider.definition().has("proxy")) {
                headers.put("Base-Url-Override", api.url() + "/open.example");
            }
            accepted(server.raw().get("/proxy/sample?q=1", headers), 200);
            shown("proxy");
        }

        private static Reply accepted(Reply reply, int status) {
            assertThat(reply.status()).as(reply.toString()).isEqualTo(status);
            return reply;
        }

        /** What the API was asked since the last time. */
        private void shown(String step) {
            for (var asked : api.asked()) {
                var query = asked.query().isEmpty() ? "" : '?' + asked.query();
                line(step, asked.method(), api.url() + asked.path() + query);
                headers(asked)
                        .forEach(header -> text.append("    ").append(header).append('\n'));
                if (asked.body().length > 0) {
                    text.append("    ").append(asked.text()).append('\n');
                }
            }
            api.answers(_ -> Given.json(token));
        }

        private void line(String step, String method, String url) {
            text.append("  %s %s %s%n".formatted(step, method, url));
        }

        private static List<String> headers(Asked asked) {
            var shown = new ArrayList<String>();
            new TreeMap<>(asked.headers()).forEach((name, value) -> {
                var header = name + ": " + BASIC.matcher(value).replaceAll(CatalogueRequestsTest::readable);
                if (!UNINTERESTING.contains(name) && !USUAL.contains(header)) {
                    shown.add(header);
                }
            });
            return shown;
        }

        /** Without what differs from run to run, and with the hosts of the definition. */
        private static String masked(String text) {
            var own = URLEncoder.encode("http://localhost:" + server.url().getPort(), UTF_8);
            return text.replace(own, "https%3A%2F%2Fmillrace.example")
                    .replace("http://localhost:" + server.url().getPort(), "https://millrace.example")
                    .replace(URLEncoder.encode(api.url() + '/', UTF_8), "https%3A%2F%2F")
                    .replace(api.url() + '/', "https://")
                    .replaceAll("(state|code_challenge|code_verifier)=[^&\\s]+", "$1=*")
                    .replaceAll("(\"code_verifier\":)\"[^\"]+\"", "$1\"*\"")
                    .replaceAll("(oauth_nonce|oauth_timestamp|oauth_signature)=\"[^\"]+\"", "$1=\"*\"");
        }
    }

    private static String readable(MatchResult found) {
        return "Basic (" + new String(Base64.getDecoder().decode(found.group(1)), UTF_8) + ')';
    }
}
