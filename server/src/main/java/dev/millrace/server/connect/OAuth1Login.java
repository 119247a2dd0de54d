package dev.millrace.server.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.credential.RequestToken;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Moment;
import java.security.MessageDigest;
import java.time.Clock;

/** OAuth 1.0: a request token is authorised by the person, who comes back with a verifier. */
final class OAuth1Login implements Login {
    private static final String TOKEN = "oauth_token";
    private static final String SECRET = "oauth_token_secret";

    private final TokenCalls tokens;
    private final Clock clock;

    OAuth1Login(TokenCalls tokens, Clock clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    @Override
    public Begun begin(Start start) throws InterruptedException {
        start.completeClient(true);
        var context = start.context();
        var separator = start.redirectUri().contains("?") ? '&' : '?';
        var callback = start.redirectUri() + separator + "state=" + start.state();
        var url = new AuthorizationUrl(start.provider(), context.effectiveConfig(), new Moment(clock));
        var request = tokens.requestToken(context, start.client(), callback);
        url.with(TOKEN, request.token());
        if (!start.scopes().isEmpty()) {
            url.withScopes(start.scopes());
        }
        var location = url.withDefined()
                .withOwn(start.parameters())
                .with("oauth_callback", callback)
                .build();
        var kept = Json.object().put(TOKEN, request.token()).put(SECRET, request.secret());
        return new Begun(location, start.flow().config(), kept);
    }

    @Override
    public Result complete(Back back) throws InterruptedException {
        var kept = back.flow().kept();
        var request = new RequestToken(
                kept.path(TOKEN).asString(""), kept.path(SECRET).asString(""));
        boolean same = MessageDigest.isEqual(
                back.required(TOKEN).getBytes(UTF_8), request.token().getBytes(UTF_8));
        if (!same) {
            throw new AuthError("callback_err", "The provider sent the token of another login.");
        }
        var token = tokens.exchange(back.context(), back.client(), request, back.required("oauth_verifier"));
        return Result.of(token, back.config(token.raw()));
    }
}
