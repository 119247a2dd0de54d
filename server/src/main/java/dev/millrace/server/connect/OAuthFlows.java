package dev.millrace.server.connect;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.ConnectionSetup;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.credential.TokenContext;
import dev.millrace.server.credential.TokenFailure;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.provider.AuthMode;
import dev.millrace.server.provider.Provider;
import java.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** Sends people to providers to log in, and makes connections of what they come back with. Thread-safe. */
public final class OAuthFlows {
    private final AuthFlows flows;
    private final FlowFinder finder;
    private final ConnectionSetup setup;
    private final EnvironmentSettings settings;
    private final Supplier<String> url;
    private final Map<AuthMode, Login> logins = new EnumMap<>(AuthMode.class);

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
        this.settings = settings;
        this.url = url;
        var app = new AppLogin(tokens, finder.connections(), clock);
        var mcp = new McpLogin(tokens, url, clock);
        logins.put(AuthMode.OAUTH2, new OAuth2Login(tokens, clock));
        logins.put(AuthMode.OAUTH1, new OAuth1Login(tokens, clock));
        logins.put(AuthMode.APP, app);
        logins.put(AuthMode.CUSTOM, app);
        logins.put(AuthMode.INSTALL_PLUGIN, new PluginLogin());
        logins.put(AuthMode.MCP_OAUTH2, mcp);
        logins.put(AuthMode.MCP_OAUTH2_GENERIC, mcp);
    }

    /** Where to redirect the person, and the cookie that later identifies the same browser. */
    record Begun(String location, String cookie) {}

    /** @param query of the request: overrides and parameters of the authorisation */
    Begun begin(Flow flow, String connectionId, ObjectNode query, Optional<String> socket) throws InterruptedException {
        var overrides = Login.overrides(query);
        var redirectUri = callback(flow.integration().environmentId());
        var state = flows.newState();
        var begun = begin(login(flow.provider()), new Login.Start(flow, query, overrides, redirectUri, state));
        flows.store(
                state,
                new AuthFlow(
                        flow.integration().environmentId(),
                        flow.integration().uniqueKey(),
                        connectionId,
                        flow.target().map(Connection::id).map(OptionalLong::of).orElseGet(OptionalLong::empty),
                        redirectUri,
                        begun.kept(),
                        begun.config(),
                        overrides,
                        flow.session().id(),
                        flow.session().terms(),
                        socket));
        return new Begun(begun.location(), cookie(state));
    }

    private Login login(Provider provider) {
        var login = logins.get(provider.authMode());
        if (login == null) {
            throw new AuthError(
                    "auth_mode_err",
                    "The provider " + provider.name() + " uses " + provider.authMode()
                            + ", which needs no login at the provider.");
        }
        return login;
    }

    private static Login.Begun begin(Login login, Login.Start start) throws InterruptedException {
        try {
            return login.begin(start);
        } catch (TokenFailure e) {
            throw new AuthError("token_err", String.valueOf(e.getMessage()));
        }
    }

    /** The callback URL of an environment. */
    boolean knows(long environment) {
        return settings.exists(environment);
    }

    String callback(long environment) {
        return settings.get(environment).callbackUrl().orElseGet(() -> url.get() + "/oauth/callback");
    }

    /** The browser that returns must be the one that began the login. */
    private String cookie(String state) {
        var secure = url.get().startsWith("https:") ? "; SameSite=None; Secure" : "; SameSite=Lax";
        return cookieName(state) + "=1; Path=/; Max-Age=" + AuthFlows.LIFE.toSeconds() + "; HttpOnly" + secure;
    }

    private static String cookieName(String state) {
        return "oauth2-" + state;
    }

    /** Takes the authorisation of a state. The state cannot be used again. */
    Optional<AuthFlow> take(String state) {
        return flows.take(state);
    }

    /**
     * A connection that was made by a login.
     *
     * @param pending somebody else has to approve it
     */
    record Completed(Connection connection, boolean pending) {}

    /**
     * Creates the connection.
     *
     * @param query of the provider's redirect
     */
    Completed complete(AuthFlow flow, String state, List<String> cookies, Map<String, String> query)
            throws InterruptedException {
        if (settings.get(flow.environmentId()).oauthStateCookie() && !cookies.contains(cookieName(state) + "=1")) {
            throw new AuthError(
                    "state_cookie_err",
                    "The login was not started in this browser. Allow cookies for this site and connect again.");
        }
        var resumed = finder.resume(flow);
        var context = new TokenContext(resumed.provider(), resumed.integration(), flow.config());
        var result = complete(login(resumed.provider()), new Login.Back(flow, context, query));
        var connectionId = result.existing().orElseGet(flow::connectionId);
        var draft = flow.terms().draft(flow.session(), connectionId, result.credentials(), result.config());
        var stored = setup.establish(resumed.integration(), resumed.provider(), draft);
        return new Completed(stored.connection(), result.pending());
    }

    private static Login.Result complete(Login login, Login.Back back) throws InterruptedException {
        try {
            return login.complete(back);
        } catch (TokenFailure e) {
            throw new AuthError("token_err", String.valueOf(e.getMessage()));
        }
    }
}
