package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Provider;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Obtains tokens for credentials: from the provider, or by signing. Thread-safe. */
public final class TokenCalls {
    private static final Duration USER_BUFFER = Duration.ofMinutes(15);
    /** After these a person's refresh token is of no use any more. */
    private static final Set<String> LOST = Set.of("invalid_grant", "bad_refresh_token", "missing_refresh_token");

    private final InstantSource clock;
    private final RandomGenerator random;
    private final AuthorizationCodeGrant codes;
    private final OAuth2Refresh oauth2;
    private final ClientCredentialsGrant clientCredentials;
    private final TwoStepLogin twoStep;
    private final BillLogin bill;
    private final InstallationToken app;
    private final OAuth1Grant oauth1;
    private final AwsSession aws;
    private final McpCalls mcp;

    public TokenCalls(Outbound outbound, InstantSource clock, RandomGenerator random) {
        var endpoint = new TokenEndpoint(outbound);
        this.clock = clock;
        this.random = random;
        codes = new AuthorizationCodeGrant(endpoint);
        oauth2 = new OAuth2Refresh(endpoint);
        clientCredentials = new ClientCredentialsGrant(endpoint);
        twoStep = new TwoStepLogin(endpoint);
        bill = new BillLogin(endpoint);
        app = new InstallationToken(endpoint);
        oauth1 = new OAuth1Grant(endpoint);
        aws = new AwsSession(endpoint);
        mcp = new McpCalls(outbound, endpoint);
    }

    /**
     * The first token of an authorisation.
     *
     * @throws TokenFailure when the provider does not return one
     */
    public OAuth2Token exchange(TokenContext context, AuthorizationCode code) throws InterruptedException {
        return codes.exchange(context, code, new Moment(clock));
    }

    /**
     * Begins an authorisation of OAuth 1.0.
     *
     * @param own used instead of the integration's client
     * @param callback where the provider sends the person back to
     * @throws TokenFailure when the provider does not give a request token
     */
    public RequestToken requestToken(TokenContext context, ClientOverride own, String callback)
            throws InterruptedException {
        return oauth1.request(context, own, callback, new Moment(clock));
    }

    /**
     * The token of an authorisation of OAuth 1.0.
     *
     * @param verifier what the person came back with
     */
    public OAuth1Token exchange(TokenContext context, ClientOverride own, RequestToken request, String verifier)
            throws InterruptedException {
        return oauth1.exchange(context, own, request, verifier, new Moment(clock));
    }

    /** The texts and truth values of a token's answer that its definition keeps, by their dotted paths. */
    public static Map<String, JsonNode> metadata(Provider provider, Credentials credentials) {
        var raw = credentials.json().path("raw");
        var kept = new LinkedHashMap<String, JsonNode>();
        for (var path : provider.definition().path("token_response_metadata")) {
            var name = path.asString("");
            TokenAnswer.at(raw, name)
                    .filter(value -> value.isString() || value.isBoolean())
                    .ifPresent(value -> kept.put(name, value));
        }
        return kept;
    }

    /** Discovery and registration at MCP servers. */
    public McpCalls mcp() {
        return mcp;
    }

    /** Whether an installation of an app is one of the person who has the token; a definition may not let us find out. */
    public boolean mayUse(TokenContext context, OAuth2Token user, String installation) throws InterruptedException {
        return app.mayUse(context, user, installation, new Moment(clock));
    }

    /**
     * The name that the provider's webhook will have for the person who asked for an installation; empty when the
     * definition or the provider does not tell.
     */
    public Optional<String> requester(TokenContext context, OAuth2Token user) throws InterruptedException {
        return app.requester(context, user, new Moment(clock));
    }

    /** A token by which an installed app itself is known, good for ten minutes. */
    public String appJwt(TokenContext context, AppToken token) {
        return InstallationToken.jwt(context, token, new Moment(clock));
    }

    /**
     * The same credentials with a new token; credentials without tokens are returned unchanged.
     *
     * @throws TokenFailure when no token can be obtained
     */
    public Credentials renew(TokenContext context, Credentials credentials) throws InterruptedException {
        return renew(context, credentials, Json.object());
    }

    /** @param options values that the person enters for this login only: {@code assertionOption} */
    public Credentials renew(TokenContext context, Credentials credentials, ObjectNode options)
            throws InterruptedException {
        var moment = new Moment(clock);
        return switch (credentials) {
            case OAuth2Token old -> oauth2.renew(context, old, moment);
            case ClientCredentials old -> clientCredentials.renew(context, old, moment);
            case TwoStep old -> twoStep.renew(context, old, options, moment);
            case SignedJwt old -> JwtGeneration.renew(context, old, moment);
            case Wsse old -> WsseSigning.renew(context, old, moment, random);
            case Bill old -> bill.renew(context, old, moment);
            case AppToken old -> withUser(context, app.renew(context, old, moment), moment);
            case AwsRole old -> aws.renew(context, old, moment);
            case ApiKey _, Basic _, None _, OAuth1Token _, TokenBased _ -> credentials;
        };
    }

    /** The token of the person is renewed beside the app's; losing it is no failure. */
    private AppToken withUser(TokenContext context, AppToken token, Moment moment) throws InterruptedException {
        var user = token.user();
        boolean due = user.flatMap(OAuth2Token::expiresAt)
                .filter(until -> until.isBefore(moment.now().plus(USER_BUFFER)))
                .isPresent();
        if (!due) {
            return token;
        }
        try {
            return token.withUser(Optional.of(oauth2.renew(context, user.orElseThrow(), moment)));
        } catch (TokenFailure e) {
            // Any other failure may be one of this server's settings, which can be corrected.
            return LOST.contains(e.code()) ? token.withUser(Optional.empty()) : token;
        }
    }
}
