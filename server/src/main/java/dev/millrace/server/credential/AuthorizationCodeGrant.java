package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Moment;
import java.util.Optional;

/** Exchanges an authorisation code for the first token. Thread-safe. */
final class AuthorizationCodeGrant {
    private final TokenEndpoint endpoint;

    AuthorizationCodeGrant(TokenEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    OAuth2Token exchange(TokenContext context, AuthorizationCode code, Moment moment) throws InterruptedException {
        var names = TokenNames.config(context.effectiveConfig());
        var url = OAuth2Refresh.discovered(context)
                .orElseGet(() -> TokenNames.url(context, template(context), names, moment));
        var parameters = Json.object().put("grant_type", "authorization_code").put("code", code.code());
        // A code that came by a webhook was sent to no address.
        if (!code.redirectUri().isEmpty()) {
            parameters.put("redirect_uri", code.redirectUri());
        }
        context.provider()
                .block("token_params")
                .ifPresent(extra -> extra.properties().forEach(f -> OAuth2Refresh.add(parameters, f, names, moment)));
        OAuth2Refresh.addResource(context, parameters);
        code.verifier().ifPresent(verifier -> parameters.put("code_verifier", verifier));
        var headers = OAuth2Refresh.authenticate(context, code.client(), parameters);
        var rules = TokenRules.of(context.provider());
        var answer = endpoint.send(OAuth2Refresh.call(context, rules, code.client(), url, parameters, headers, moment));
        var first = OAuth2Refresh.read(context, rules, code.client(), Optional.empty(), answer, moment);
        var swap = rules.swap();
        var token = swap.isPresent()
                ? OAuth2Refresh.further(endpoint, context, swap.get(), first, moment)
                        .withEarlier(first.raw())
                : OAuth2Refresh.dated(endpoint, context, rules, first, moment);
        return code.refreshToken().map(token::withRefreshToken).orElse(token);
    }

    private static String template(TokenContext context) {
        return OAuth2Refresh.tokenUrl(context, "OAUTH2")
                .orElseThrow(() -> TokenFailure.impossible(
                        "missing_token_url",
                        "The definition of provider " + context.provider().name() + " has no token_url."));
    }
}
