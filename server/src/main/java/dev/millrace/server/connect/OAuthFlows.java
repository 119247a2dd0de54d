package dev.millrace.server.connect;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.ConnectionSetup;
import dev.millrace.server.credential.AuthorizationCode;
import dev.millrace.server.credential.ClientOverride;
import dev.millrace.server.credential.OAuth2Token;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.credential.TokenContext;
import dev.millrace.server.credential.TokenFailure;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.http.Json;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.provider.AuthMode;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Provider;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs OAuth 2 authorisations: redirects people to the provider and creates connections when they return. Thread-safe.
 */
public final class OAuthFlows {
    private static final Set<AuthMode> MODES = EnumSet.of(AuthMode.OAUTH2, AuthMode.MCP_OAUTH2);
    private static final String CLIENT_ID = "oauth_client_id_override";
    private static final String CLIENT_SECRET = "oauth_client_secret_override";
    private static final String REFRESH_TOKEN = "oauth_refresh_token_override";
    private static final Set<String> FIXED = Set.of(
            "response_type", "code_challenge", "code_challenge_method", "state", "redirect_uri", "scope", "client_id");
    private static final int VERIFIER = 24;

    private final AuthFlows flows;
    private final FlowFinder finder;
    private final ConnectionSetup setup;
    private final TokenCalls tokens;
    private final EnvironmentSettings settings;
    private final Supplier<String> url;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /** @param url the public address of this server */
    public OAuthFlows(
            AuthFlows flows,
            FlowFinder finder,
            ConnectionSetup setup,
            TokenCalls tokens,
            EnvironmentSettings settings,
            Supplier<String> url,
            Clock clock) {
        this.flows = flows;
        this.finder = finder;
        this.setup = setup;
        this.tokens = tokens;
        this.settings = settings;
        this.url = url;
        this.clock = clock;
    }

    /** Where to redirect the person, and the cookie that later identifies the same browser. */
    record Begun(String location, String cookie) {}

    /** @param query of the request: overrides and parameters of the authorisation */
    Begun begin(Flow flow, String connectionId, ObjectNode query, Optional<String> socket) {
        var provider = flow.provider();
        if (!MODES.contains(provider.authMode())) {
            throw new AuthError(
                    "auth_mode_err",
                    "The provider " + provider.name() + " uses " + provider.authMode()
                            + ", which needs no login at the provider.");
        }
        var grant =
                provider.definition().path("token_params").path("grant_type").asString("authorization_code");
        if (!grant.equals("authorization_code")) {
            throw new AuthError(
                    "grant_type_err", "The provider " + provider.name() + " grants by " + grant + ", not by a login.");
        }
        var overrides = overrides(query);
        var client = client(flow.integration(), overrides, provider.authMode());
        var redirectUri = callback(flow.integration().environmentId());
        var verifier = pkce(provider) ? verifier() : "";
        var state = flows.newState();
        var config = flow.config();
        var location = new AuthorizationUrl(provider, effective(flow), new Moment(clock))
                .build(client, redirectUri, scopes(flow), state, verifier, parameters(flow, query));
        flows.store(
                state,
                new AuthFlow(
                        flow.integration().environmentId(),
                        flow.integration().uniqueKey(),
                        connectionId,
                        flow.target().map(Connection::id).map(OptionalLong::of).orElseGet(OptionalLong::empty),
                        redirectUri,
                        Optional.of(verifier).filter(text -> !text.isEmpty()),
                        config,
                        overrides,
                        flow.session().id(),
                        flow.session().terms(),
                        socket));
        return new Begun(location, cookie(state));
    }

    /** The callback URL of an environment. */
    private String callback(long environment) {
        return settings.get(environment).callbackUrl().orElseGet(() -> url.get() + "/oauth/callback");
    }

    private static ObjectNode effective(Flow flow) {
        return new TokenContext(flow.provider(), flow.integration(), flow.config()).effectiveConfig();
    }

    private static boolean pkce(Provider provider) {
        return provider.authMode() == AuthMode.MCP_OAUTH2
                || !provider.definition().path("disable_pkce").asBoolean(false);
    }

    private String verifier() {
        var bytes = new byte[VERIFIER];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The browser that returns must be the one that began the login. */
    private String cookie(String state) {
        var secure = url.get().startsWith("https:") ? "; SameSite=None; Secure" : "; SameSite=Lax";
        return cookieName(state) + "=1; Path=/; Max-Age=" + AuthFlows.LIFE.toSeconds() + "; HttpOnly" + secure;
    }

    private static String cookieName(String state) {
        return "oauth2-" + state;
    }

    private static ObjectNode overrides(ObjectNode query) {
        var overrides = Json.object();
        for (var name : List.of(CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN)) {
            query.path("credentials")
                    .path(name)
                    .stringValueOpt()
                    .filter(text -> !text.isEmpty())
                    .ifPresent(text -> overrides.put(name, text));
        }
        // A refresh token alone is not tested.
        return overrides.has(CLIENT_ID) || overrides.has(CLIENT_SECRET) ? overrides : Json.object();
    }

    private static String client(Integration integration, ObjectNode overrides, AuthMode mode) {
        var own = integration.credentials();
        var id = overrides.path(CLIENT_ID).stringValueOpt().or(() -> own.flatMap(c -> text(c, "client_id")));
        var secret =
                overrides.path(CLIENT_SECRET).stringValueOpt().or(() -> own.flatMap(c -> text(c, "client_secret")));
        boolean complete = id.isPresent() && (secret.isPresent() || mode == AuthMode.MCP_OAUTH2);
        if (!complete) {
            throw new AuthError(
                    AuthError.PROVIDER_CONFIG,
                    "The integration " + integration.uniqueKey()
                            + " has no client id and secret yet: set them with PATCH /integrations/"
                            + integration.uniqueKey()
                            + ".");
        }
        return id.get();
    }

    private static Optional<String> text(JsonNode node, String name) {
        return node.path(name).stringValueOpt().filter(text -> !text.isEmpty());
    }

    private static List<String> scopes(Flow flow) {
        if (flow.config().has("oauth_scopes_override")) {
            return flow.config()
                    .get("oauth_scopes_override")
                    .valueStream()
                    .map(scope -> scope.asString(""))
                    .toList();
        }
        return flow.integration()
                .credentials()
                .flatMap(c -> text(c, "scopes"))
                .map(SessionInput::scopes)
                .orElse(List.of());
    }

    /** Parameters of the session replace those of the query. */
    private static ObjectNode parameters(Flow flow, ObjectNode query) {
        var defaults = flow.session().terms().defaults(flow.integration().uniqueKey());
        var parameters = defaults.get("authorization_params") instanceof ObjectNode set
                ? set.deepCopy()
                : query.get("authorization_params") instanceof ObjectNode given ? given.deepCopy() : Json.object();
        if (flow.provider().authMode() == AuthMode.MCP_OAUTH2) {
            parameters.remove(FIXED);
        }
        text(defaults, "user_scopes").ifPresent(scopes -> parameters.put("user_scope", scopes));
        return parameters;
    }

    Optional<AuthFlow> take(String state) {
        return flows.take(state);
    }

    /**
     * Creates the connection.
     *
     * @param query of the provider's redirect
     */
    Connection complete(AuthFlow flow, String state, List<String> cookies, Map<String, String> query)
            throws InterruptedException {
        if (settings.get(flow.environmentId()).oauthStateCookie() && !cookies.contains(cookieName(state) + "=1")) {
            throw new AuthError(
                    "state_cookie_err",
                    "The login was not started in this browser. Allow cookies for this site and connect again.");
        }
        var resumed = finder.resume(flow);
        var context = new TokenContext(resumed.provider(), resumed.integration(), flow.config());
        var token = exchange(context, flow, code(resumed.provider(), query));
        var config = ConnectionConfig.after(
                resumed.provider(), flow.config(), token.json().path("raw"), query, flow.overrides());
        var draft = flow.terms().draft(flow.session(), flow.connectionId(), token, config);
        return setup.establish(resumed.integration(), resumed.provider(), draft).connection();
    }

    private static String code(Provider provider, Map<String, String> query) {
        var name = provider.text("authorization_code_param_in_callback").orElse("code");
        var code = query.get(name);
        if (code == null || code.isEmpty()) {
            var detail = CallbackPage.detail(query);
            throw new AuthError(
                    "callback_err",
                    detail.isEmpty()
                            ? "The provider sent no code."
                            : "The provider refused: "
                                    + detail.path("error_description")
                                            .asString(detail.path("error").asString(Json.text(detail))));
        }
        return code;
    }

    private OAuth2Token exchange(TokenContext context, AuthFlow flow, String code) throws InterruptedException {
        var client = new ClientOverride(flow.override(CLIENT_ID), flow.override(CLIENT_SECRET));
        try {
            return tokens.exchange(
                    context,
                    new AuthorizationCode(
                            code, flow.callbackUrl(), flow.verifier(), client, flow.override(REFRESH_TOKEN)));
        } catch (TokenFailure e) {
            throw new AuthError("token_err", String.valueOf(e.getMessage()));
        }
    }
}
