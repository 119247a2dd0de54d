package dev.millrace.cli.crm;

import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The login of the sample CRM: OAuth 2 with authorization codes, PKCE and refresh tokens that are used once. One client is
 * registered. It sends people back to this machine only. Thread-safe.
 */
final class SampleLogin {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration CODE_LIFE = Duration.ofMinutes(5);
    private static final Duration TOKEN_LIFE = Duration.ofHours(1);
    private static final List<String> THIS_MACHINE = List.of("localhost", "127.0.0.1", "[::1]");

    /** What a code stands for. */
    private record Grant(String redirect, Optional<String> challenge, Instant expires) {}

    private final SampleCrm.Client client;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Grant> codes = new ConcurrentHashMap<>();
    private final Map<String, Instant> accessTokens = new ConcurrentHashMap<>();
    private final Set<String> refreshTokens = ConcurrentHashMap.newKeySet();

    SampleLogin(SampleCrm.Client client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/oauth/authorize", request -> ask(request.queryTree())),
                Route.post("/oauth/authorize", request -> decide(form(request))),
                Route.post("/oauth/token", this::token));
    }

    /** Whether a token was issued here and has not expired. */
    boolean isValid(String accessToken) {
        return Optional.ofNullable(accessTokens.get(accessToken))
                .filter(expires -> expires.isAfter(clock.instant()))
                .isPresent();
    }

    private Response ask(ObjectNode query) {
        var refused = refusal(query);
        if (refused.isPresent()) {
            return page(400, "<h1>Sample CRM</h1><p>" + Html.escape(refused.get()) + "</p>");
        }
        var hidden = new StringBuilder();
        for (var name : List.of("client_id", "redirect_uri", "state", "code_challenge")) {
            hidden.append("<input type=\"hidden\" name=\"%s\" value=\"%s\">"
                    .formatted(name, Html.escape(query.path(name).asString(""))));
        }
        return page(200, """
                <h1>Sample CRM</h1>
                <p>You are signed in as <b>Ada Admin</b> of <b>Sample Inc.</b></p>
                <p>An app asks to read and change the contacts of Sample Inc.</p>
                <form method="post" action="/oauth/authorize">%s
                <button name="decision" value="allow">Allow</button>
                <button name="decision" value="deny" class="other">Deny</button>
                </form>
                """.formatted(hidden));
    }

    private Optional<String> refusal(ObjectNode query) {
        if (!query.path("client_id").asString("").equals(client.id())) {
            return Optional.of("The client_id is unknown here. The client of this CRM is " + client.id() + ".");
        }
        if (!isThisMachine(query.path("redirect_uri").asString(""))) {
            return Optional.of("The redirect_uri has to be an address of this machine.");
        }
        var method = query.path("code_challenge_method").asString("S256");
        return method.equals("S256")
                ? Optional.empty()
                : Optional.of("The code_challenge_method has to be S256, it is " + method + ".");
    }

    private static boolean isThisMachine(String address) {
        try {
            var host = URI.create(address).getHost();
            return host != null && THIS_MACHINE.contains(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private Response decide(Map<String, String> form) {
        var redirect = form.getOrDefault("redirect_uri", "");
        if (!form.getOrDefault("client_id", "").equals(client.id()) || !isThisMachine(redirect)) {
            return page(400, "<h1>Sample CRM</h1><p>This form is not from here.</p>");
        }
        String outcome;
        if (form.getOrDefault("decision", "").equals("allow")) {
            var code = secret();
            var challenge = Optional.of(form.getOrDefault("code_challenge", "")).filter(text -> !text.isEmpty());
            codes.put(code, new Grant(redirect, challenge, clock.instant().plus(CODE_LIFE)));
            outcome = "code=" + code;
        } else {
            outcome = "error=access_denied&error_description=" + encode("You chose not to allow it.");
        }
        var location = redirect + (redirect.contains("?") ? '&' : '?') + outcome + "&state="
                + encode(form.getOrDefault("state", ""));
        return new Response.Empty(302, Map.of("Location", List.of(location)));
    }

    private Response token(Request request) {
        var form = form(request);
        if (!isClient(request, form)) {
            return error(401, "invalid_client", "The client id or secret is wrong.");
        }
        return switch (form.getOrDefault("grant_type", "")) {
            case "authorization_code" -> exchange(form);
            case "refresh_token" ->
                refreshTokens.remove(form.getOrDefault("refresh_token", ""))
                        ? issue()
                        : error(400, "invalid_grant", "The refresh token is unknown or was used before.");
            default -> error(400, "unsupported_grant_type", "Use authorization_code or refresh_token.");
        };
    }

    /** By the header of basic authentication, or by two fields of the form. */
    private boolean isClient(Request request, Map<String, String> form) {
        var basic = Base64.getEncoder()
                .encodeToString((encode(client.id()) + ':' + encode(client.secret())).getBytes(StandardCharsets.UTF_8));
        return request.header("Authorization").equals(Optional.of("Basic " + basic))
                || (client.id().equals(form.get("client_id")) && client.secret().equals(form.get("client_secret")));
    }

    private Response exchange(Map<String, String> form) {
        var grant = Optional.ofNullable(codes.remove(form.getOrDefault("code", "")))
                .filter(found -> found.expires().isAfter(clock.instant()))
                .filter(found -> found.redirect().equals(form.get("redirect_uri")))
                .filter(found -> found.challenge()
                        .map(challenge -> challenge.equals(challenge(form.getOrDefault("code_verifier", ""))))
                        .orElse(true));
        return grant.isPresent()
                ? issue()
                : error(400, "invalid_grant", "The code is unknown, was used before, or does not belong to this call.");
    }

    private Response issue() {
        var access = "crm-" + secret();
        var refresh = secret();
        accessTokens.put(access, clock.instant().plus(TOKEN_LIFE));
        refreshTokens.add(refresh);
        return json(
                200,
                JSON.createObjectNode()
                        .put("access_token", access)
                        .put("token_type", "Bearer")
                        .put("expires_in", TOKEN_LIFE.toSeconds())
                        .put("refresh_token", refresh));
    }

    private static String challenge(String verifier) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String secret() {
        var bytes = new byte[24];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Map<String, String> form(Request request) {
        var fields = new HashMap<String, String>();
        for (var pair : new String(request.body(), StandardCharsets.UTF_8).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                fields.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return fields;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static Response error(int status, String code, String description) {
        return json(status, JSON.createObjectNode().put("error", code).put("error_description", description));
    }

    private static Response json(int status, ObjectNode body) {
        var headers = Map.of("Content-Type", List.of("application/json"), "Cache-Control", List.of("no-store"));
        return new Response.Bytes(status, headers, JSON.writeValueAsBytes(body));
    }

    private static Response page(int status, String content) {
        var headers = Map.of(
                "Content-Type",
                List.of("text/html; charset=utf-8"),
                "Cache-Control",
                List.of("no-store"),
                "X-Frame-Options",
                List.of("DENY"));
        return new Response.Bytes(
                status, headers, Html.page("Sample CRM", content).getBytes(StandardCharsets.UTF_8));
    }
}
