package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.credential.signature.OAuth1;
import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Provider;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** Gets tokens by OAuth 1.0 (RFC 5849). Thread-safe. */
final class OAuth1Grant {
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT");

    private final TokenEndpoint endpoint;

    OAuth1Grant(TokenEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** @param callback where the provider sends the person back to */
    RequestToken request(TokenContext context, ClientOverride own, String callback, Moment moment)
            throws InterruptedException {
        var step = new Step("request_url", "request_http_method", "request_params", Map.of("oauth_callback", callback));
        var raw = call(context, signer(context, own, new RequestToken("", "")), step, moment);
        return new RequestToken(required(raw, "oauth_token"), required(raw, "oauth_token_secret"));
    }

    OAuth1Token exchange(TokenContext context, ClientOverride own, RequestToken request, String verifier, Moment moment)
            throws InterruptedException {
        var step = new Step("token_url", "token_http_method", "token_params", Map.of("oauth_verifier", verifier));
        var raw = call(context, signer(context, own, request), step, moment);
        return new OAuth1Token(required(raw, "oauth_token"), required(raw, "oauth_token_secret"), own, raw);
    }

    /**
     * One of the two calls, by the keys of the definition.
     *
     * @param protocol what goes along in the signed header
     */
    private record Step(String url, String method, String parameters, Map<String, String> protocol) {}

    private ObjectNode call(TokenContext context, OAuth1 signer, Step step, Moment moment) throws InterruptedException {
        var names = TokenNames.config(context.effectiveConfig());
        var template = context.provider()
                .text(step.url())
                .or(() -> CredentialJson.optional(context.definition().path(step.url()), "OAUTH1"))
                .orElseThrow(() -> TokenFailure.impossible(
                        "missing_token_url",
                        "The definition of provider " + context.provider().name() + " has no " + step.url() + '.'));
        var url = TokenNames.url(context, template, names, moment);
        var parameters = Json.object();
        context.provider()
                .block(step.parameters())
                .ifPresent(extra -> extra.properties().forEach(f -> OAuth2Refresh.add(parameters, f, names, moment)));
        var method = method(context.provider(), step.method());
        var pairs = TokenBody.pairs(parameters);
        boolean inBody = !method.equals("GET") && !pairs.isEmpty();
        var target = inBody || pairs.isEmpty() ? url : withQuery(url, pairs);
        var headers = new LinkedHashMap<String, String>();
        headers.put("authorization", sign(signer, method, target, inBody ? pairs : "", step.protocol(), moment));
        headers.put("accept", "*/*");
        if (inBody) {
            headers.put("content-type", "application/x-www-form-urlencoded");
        }
        var body = inBody ? pairs.getBytes(UTF_8) : new byte[0];
        return TokenAnswer.object(
                endpoint.send(new TokenEndpoint.Call(method, target, headers, body, Optional.empty())));
    }

    private static String method(Provider provider, String key) {
        var method = provider.text(key).orElse("POST").toUpperCase(Locale.ROOT);
        if (!METHODS.contains(method)) {
            throw TokenFailure.impossible(
                    "unsupported_auth",
                    key + " of provider " + provider.name() + " is " + method + "; it must be one of GET, POST, PUT.");
        }
        return method;
    }

    private static Url withQuery(Url url, String pairs) {
        return Url.parse(url + (url.query() == null ? "?" : "&") + pairs);
    }

    private static String sign(
            OAuth1 signer, String method, Url url, String form, Map<String, String> protocol, Moment moment) {
        var nonce = moment.random().replace("-", "");
        try {
            return signer.authorization(method, url, form, protocol, nonce, moment.now());
        } catch (OutboundFailure e) {
            throw TokenFailure.impossible(e.code(), String.valueOf(e.getMessage()));
        }
    }

    private static OAuth1 signer(TokenContext context, ClientOverride own, RequestToken token) {
        var provider = context.provider();
        var named = provider.text("signature_method").orElse(OAuth1.Method.HMAC_SHA1.shown());
        var method = OAuth1.Method.of(named)
                .orElseThrow(() -> TokenFailure.impossible(
                        "unsupported_auth", "Requests cannot be signed by the method " + named + '.'));
        return new OAuth1(
                method,
                client(own.id().or(() -> context.integrationText("client_id"))),
                client(own.secret().or(() -> context.integrationText("client_secret"))),
                token.token(),
                token.secret(),
                Optional.empty());
    }

    private static String client(Optional<String> value) {
        return value.orElseThrow(() -> TokenFailure.impossible(
                "unsupported_auth", "The integration has no client id and client secret to sign with."));
    }

    private static String required(ObjectNode raw, String name) {
        return CredentialJson.optional(raw, name)
                .orElseThrow(() -> TokenFailure.refused(
                        "no_token", "The provider answered without " + name + ": it does not know the client."));
    }
}
