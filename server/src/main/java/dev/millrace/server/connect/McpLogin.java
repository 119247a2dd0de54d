package dev.millrace.server.connect;

import dev.millrace.server.credential.ClientOverride;
import dev.millrace.server.credential.McpCalls;
import dev.millrace.server.credential.McpServer;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.http.Json;
import dev.millrace.server.provider.AuthMode;
import dev.millrace.server.provider.Moment;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/**
 * OAuth 2 at MCP servers, mostly as a public client that nobody has set up by hand: the server takes the address of a
 * metadata document as client id, or registers a client. A registered client stays with the connection, since its refresh
 * tokens are good for no other one.
 */
final class McpLogin implements Login {
    /** Where the metadata document of this server stands, followed by the number of the environment. */
    static final String DOCUMENT = "/oauth/client-metadata/";

    private static final String VERIFIER = "verifier";
    private static final String ISSUER = "issuer";
    private static final String NAMES_ITSELF = "names_itself";
    private static final String ADDRESS = "mcp_server_url";
    /** A client that no server knows; some take any. */
    private static final String NOBODY = "millrace";

    private static final Set<String> FIXED = Set.of(
            "response_type", "code_challenge", "code_challenge_method", "state", "redirect_uri", "scope", "client_id");

    /** A registration serves the logins of this time, so that a crowd does not register a crowd of clients. */
    private static final Duration REUSE = Duration.ofHours(1);

    private record Registered(ClientOverride client, Instant until) {}

    private final ConcurrentHashMap<String, Registered> registrations = new ConcurrentHashMap<>();
    private final TokenCalls tokens;
    private final Supplier<String> url;
    private final Clock clock;

    /** @param url the public address of this server */
    McpLogin(TokenCalls tokens, Supplier<String> url, Clock clock) {
        this.tokens = tokens;
        this.url = url;
        this.clock = clock;
    }

    @Override
    public Begun begin(Start start) throws InterruptedException {
        return start.provider().authMode() == AuthMode.MCP_OAUTH2 ? described(start) : discovered(start);
    }

    /** A server whose endpoints its definition names. */
    private Begun described(Start start) throws InterruptedException {
        var definition = start.provider().definition();
        var client = start.clientId().isPresent()
                ? start.client()
                : switch (definition.path("client_registration").asString("static")) {
                    case "dynamic" ->
                        registered(start, definition.path("registration_url").asString(""));
                    case "cimd" -> new ClientOverride(Optional.of(document(start)), Optional.empty());
                    default -> {
                        start.completeClient(false);
                        yield start.client();
                    }
                };
        var context = start.context();
        var address = new AuthorizationUrl(start.provider(), context.effectiveConfig(), new Moment(clock));
        var kept = keep(client);
        return sent(start, address, client, start.scopes(), start.flow().config(), kept);
    }

    /** A server that tells of its endpoints itself. */
    private Begun discovered(Start start) throws InterruptedException {
        var address = start.provider()
                .text(ADDRESS)
                .or(() -> Login.text(start.context().effectiveConfig(), ADDRESS))
                .orElseThrow(
                        () -> new AuthError("url_param_err", "Send params[" + ADDRESS + "], the server's address."));
        var server = tokens.mcp().discover(address);
        var client = start.client().id().isPresent() || (start.clientId().isPresent() && isOfTheTeam(start, address))
                ? start.client()
                : clientOf(start, server);
        var id = client.id().or(start::clientId).orElse(NOBODY);
        var config = start.flow().config();
        config.remove("oauth_resource_url");
        config.put(ADDRESS, address)
                .put("oauth_metadata", Json.text(server.metadata()))
                .put("oauth_client_info", Json.text(Json.object().put("client_id", id)));
        server.resource().ifPresent(resource -> config.put("oauth_resource_url", resource));
        var kept = keep(client).put(ISSUER, server.issuer()).put(NAMES_ITSELF, server.namesItself());
        var location = AuthorizationUrl.at(start.provider(), server.authorizationEndpoint(), new Moment(clock));
        server.resource().ifPresent(resource -> location.with("resource", resource));
        var scopes = start.scopes().isEmpty()
                ? Arrays.stream(server.scopes().split(" "))
                        .filter(scope -> !scope.isEmpty())
                        .toList()
                : start.scopes();
        return sent(start, location, client, scopes, config, kept);
    }

    /** Whether the team has named the server. The integration's client secret must not go to one that a customer names. */
    private static boolean isOfTheTeam(Start start, String address) {
        var integration = start.integration();
        var defaults =
                start.flow().session().terms().defaults(integration.uniqueKey()).path("connection_config");
        return start.provider().text(ADDRESS).isPresent()
                || Login.text(defaults, ADDRESS).equals(Optional.of(address))
                || Login.text(integration.custom(), ADDRESS).equals(Optional.of(address));
    }

    private ClientOverride clientOf(Start start, McpServer server) throws InterruptedException {
        if (server.takesMetadataDocuments() && url.get().startsWith("https:")) {
            return new ClientOverride(Optional.of(document(start)), Optional.empty());
        }
        var registration = server.registrationEndpoint();
        return registration.isPresent()
                ? registered(start, registration.get())
                : new ClientOverride(Optional.of(NOBODY), Optional.empty());
    }

    private String document(Start start) {
        return url.get() + DOCUMENT + start.integration().environmentId();
    }

    private ClientOverride registered(Start start, String address) throws InterruptedException {
        var wanted = McpCalls.client(start.redirectUri());
        var parameters = start.provider().definition().path("registration_params");
        for (var name : List.of("grant_types", "response_types")) {
            if (parameters.path(name).isArray()) {
                wanted.set(name, parameters.path(name));
            }
        }
        var key = start.integration().id() + " " + address + ' ' + Json.text(wanted);
        var known = registrations.get(key);
        if (known != null && known.until().isAfter(clock.instant())) {
            return known.client();
        }
        var answer = tokens.mcp().register(address, wanted);
        var client = new ClientOverride(Login.text(answer, "client_id"), Login.text(answer, "client_secret"));
        if (answer.path("client_secret_expires_at").asLong(0) == 0) {
            registrations.values().removeIf(one -> !one.until().isAfter(clock.instant()));
            registrations.put(key, new Registered(client, clock.instant().plus(REUSE)));
        }
        return client;
    }

    private static ObjectNode keep(ClientOverride client) {
        var kept = Json.object();
        client.id().ifPresent(id -> kept.put("client_id", id));
        client.secret().ifPresent(secret -> kept.put("client_secret", secret));
        return kept.put(VERIFIER, OAuth2Login.verifier());
    }

    private static Begun sent(
            Start start,
            AuthorizationUrl location,
            ClientOverride client,
            List<String> scopes,
            ObjectNode config,
            ObjectNode kept) {
        var own = start.parameters();
        own.remove(FIXED);
        location.with("response_type", "code")
                .with("client_id", client.id().or(start::clientId).orElse(NOBODY))
                .with("redirect_uri", start.redirectUri())
                .with("state", start.state())
                .withDefined()
                .withChallenge(kept.path(VERIFIER).asString(""))
                .withOwn(own);
        if (!scopes.isEmpty()) {
            location.withScopes(scopes);
        }
        return new Begun(location.build(), config, kept);
    }

    @Override
    public Result complete(Back back) throws InterruptedException {
        var kept = back.flow().kept();
        checkIssuer(back, kept);
        var client = new ClientOverride(Login.text(kept, "client_id"), Login.text(kept, "client_secret"));
        var token = OAuth2Login.exchange(tokens, back, Login.text(kept, VERIFIER), client);
        return Result.of(token, back.config(token.raw()));
    }

    /** A code of another server must not be sent to this one (RFC 9207). */
    private static void checkIssuer(Back back, ObjectNode kept) {
        var expected = Login.text(kept, ISSUER);
        var named = Optional.ofNullable(back.query().get("iss"));
        boolean missing = named.isEmpty()
                && kept.path(NAMES_ITSELF).asBoolean(false)
                && back.query().containsKey("code");
        if (missing || (expected.isPresent() && named.isPresent() && !named.equals(expected))) {
            throw new AuthError("callback_err", "The answer is that of another authorization server.");
        }
    }
}
