package dev.millrace.server.connect;

import dev.millrace.server.credential.AuthorizationCode;
import dev.millrace.server.credential.ClientOverride;
import dev.millrace.server.credential.OAuth2Token;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Template;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;

/** OAuth 2: the person comes back with a code, which is exchanged for a token. */
final class OAuth2Login implements Login {
    private static final String VERIFIER = "verifier";
    private static final int VERIFIER_BYTES = 24;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final TokenCalls tokens;
    private final Clock clock;

    OAuth2Login(TokenCalls tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public Begun begin(Start start) {
        var provider = start.provider();
        var grant =
                provider.definition().path("token_params").path("grant_type").asString("authorization_code");
        if (!grant.equals("authorization_code")) {
            throw new AuthError(
                    "grant_type_err", "The provider " + provider.name() + " grants by " + grant + ", not by a login.");
        }
        var client = start.completeClient(true);
        exchangeable(start);
        var kept = Json.object();
        var url = new AuthorizationUrl(provider, start.context().effectiveConfig(), new Moment(clock))
                .with("response_type", "code")
                .with("client_id", client)
                .with("redirect_uri", start.redirectUri())
                .withScopes(start.scopes())
                .with("state", start.state())
                .withDefined();
        if (!provider.definition().path("disable_pkce").asBoolean(false)) {
            var verifier = verifier();
            kept.put(VERIFIER, verifier);
            url.withChallenge(verifier);
        }
        return new Begun(url.withOwn(start.parameters()).build(), start.flow().config(), kept);
    }

    /**
     * Whether the code can be exchanged later: a value that only the callback brings may still be missing.
     *
     * @throws AuthError when the definition needs a value that is missing
     */
    private void exchangeable(Start start) {
        var definition = start.provider().definition();
        var later = definition
                .path("redirect_uri_metadata")
                .valueStream()
                .map(name -> "connectionConfig." + name.asString(""))
                .toList();
        Names config = Names.under("connectionConfig.", start.context().effectiveConfig());
        Names known = path -> path.startsWith("connectionConfig.") && !later.contains(path) ? config.value(path) : path;
        var url = definition.path("token_url");
        needed("token_url", (url.isObject() ? url.path("OAUTH2") : url).asString(""), known);
        definition.path("token_params").forEach(value -> needed("token_params", value.asString(""), known));
    }

    private void needed(String where, String template, Names known) {
        if (Template.of(template).resolve(known, new Moment(clock)).isEmpty()) {
            throw new AuthError("url_param_err", where + " needs a value that was not given: " + template);
        }
    }

    /** Of PKCE. */
    static String verifier() {
        var bytes = new byte[VERIFIER_BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public Result complete(Back back) throws InterruptedException {
        var token = exchange(tokens, back, Login.text(back.flow().kept(), VERIFIER), back.client());
        return Result.of(token, back.config(token.raw()));
    }

    static OAuth2Token exchange(TokenCalls tokens, Back back, Optional<String> verifier, ClientOverride client)
            throws InterruptedException {
        var name = back.context()
                .provider()
                .text("authorization_code_param_in_callback")
                .orElse("code");
        return tokens.exchange(
                back.context(),
                new AuthorizationCode(
                        back.required(name),
                        back.flow().callbackUrl(),
                        verifier,
                        client,
                        back.flow().override(REFRESH_TOKEN)));
    }
}
