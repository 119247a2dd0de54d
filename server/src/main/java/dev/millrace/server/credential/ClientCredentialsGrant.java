package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.ClientCertificate;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Fetches a token for a connection's own client. Thread-safe. */
final class ClientCredentialsGrant {
    /** Lifetime of a token whose provider does not state it. */
    private static final Duration LIFE = Duration.ofMinutes(55);

    private static final Duration ASSERTION_LIFE = Duration.ofMinutes(5);
    private static final String ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private final TokenEndpoint endpoint;

    ClientCredentialsGrant(TokenEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    ClientCredentials renew(TokenContext context, ClientCredentials client, Moment moment) throws InterruptedException {
        var config = context.effectiveConfig();
        var names = TokenNames.credentials(client.json(), config);
        var template = OAuth2Refresh.tokenUrl(context, "OAUTH2_CC")
                .orElseThrow(() -> TokenFailure.impossible(
                        "missing_token_url",
                        "The definition of provider " + context.provider().name() + " has no token_url."));
        var url = TokenNames.url(context, template, names, moment);
        var parameters = Json.object();
        var headers = new LinkedHashMap<String, String>();
        authenticate(context, client, url, parameters, headers, moment);
        context.provider()
                .block("token_params")
                .ifPresent(extra ->
                        extra.properties().forEach(field -> OAuth2Refresh.add(parameters, field, names, moment)));
        scopes(context, config).ifPresent(scopes -> parameters.put("scope", scopes));
        if (config.get("authorization_params") instanceof ObjectNode own) {
            parameters.setAll(own);
        }
        var rules = TokenRules.of(context.provider());
        var all = OAuth2Refresh.headers(rules.headers(), headers, names, moment);
        var call = call(context, rules, url, rules.renamed(parameters), all).showing(certificate(client));
        return read(context, rules, client, endpoint.send(call), moment);
    }

    private static void authenticate(
            TokenContext context,
            ClientCredentials client,
            Url url,
            ObjectNode parameters,
            Map<String, String> headers,
            Moment moment) {
        switch (context.definition().path("token_request_auth_method").asString("")) {
            case "basic" -> headers.put("authorization", OAuth2Refresh.basic(client.clientId(), client.clientSecret()));
            case "custom" -> parameters.put("username", client.clientId()).put("password", client.clientSecret());
            case "private_key_jwt" -> {
                var claims = Json.object()
                        .put("iss", client.clientId())
                        .put("sub", client.clientId())
                        .put("aud", url.toString())
                        .put("iat", moment.now().getEpochSecond())
                        .put("exp", moment.now().plus(ASSERTION_LIFE).getEpochSecond())
                        .put("jti", moment.random());
                parameters
                        .put("client_id", client.clientId())
                        .put("client_assertion_type", ASSERTION_TYPE)
                        .put(
                                "client_assertion",
                                JwtSigner.byJwk(client.privateKey().orElse(""), claims));
            }
            default -> {
                parameters.put("client_id", client.clientId());
                if (!client.clientSecret().isEmpty()) {
                    parameters.put("client_secret", client.clientSecret());
                }
            }
        }
    }

    /** The scopes of the connection, else those of the integration. */
    private static Optional<String> scopes(TokenContext context, ObjectNode config) {
        var separator = context.definition().path("scope_separator").asString(" ");
        return CredentialJson.optional(config, "oauth_scopes")
                .or(() -> context.integrationText("scopes"))
                .map(scopes -> scopes.replace(",", separator));
    }

    private static TokenEndpoint.Call call(
            TokenContext context, TokenRules rules, Url url, ObjectNode parameters, Map<String, String> headers) {
        if (rules.usesGet()) {
            return TokenEndpoint.Call.get(OAuth2Refresh.withQuery(url, parameters), headers);
        }
        return switch (context.definition().path("body_format").asString("form")) {
            case "json" -> TokenEndpoint.Call.post(url, TokenBody.json(parameters), headers);
            case "query" -> {
                var pairs = TokenBody.pairs(parameters);
                var query = url.query() == null ? pairs : url.query() + '&' + pairs;
                var whole = new Url(url.scheme(), url.userInfo(), url.host(), url.port(), url.path(), query);
                yield TokenEndpoint.Call.post(whole, TokenBody.form(Json.object()), headers);
            }
            default -> TokenEndpoint.Call.post(url, TokenBody.form(parameters), headers);
        };
    }

    /** Both parts must be PEM; a key in another form signs assertions. */
    private static Optional<ClientCertificate> certificate(ClientCredentials client) {
        return client.certificate()
                .flatMap(certificate -> client.privateKey().map(key -> new ClientCertificate(certificate, key)));
    }

    private static ClientCredentials read(
            TokenContext context,
            TokenRules rules,
            ClientCredentials client,
            TokenEndpoint.Answer answer,
            Moment moment) {
        var raw = OAuth2Refresh.object(rules, answer);
        var read = rules.read(raw);
        var token = CredentialJson.optional(read, "access_token")
                .or(() -> CredentialJson.optional(read.path("data"), "token"))
                .or(() -> CredentialJson.optional(read, "jwt"))
                .orElseThrow(() -> OAuth2Refresh.passing(rules, TokenAnswer.failure(answer.status(), raw)));
        boolean millis =
                context.definition().path("expires_in_unit").asString("").equals("milliseconds");
        var until = TokenLife.moment(read.path("expires_at"), moment.now())
                .or(() -> TokenLife.seconds(read.path("expires_in"))
                        .map(life -> moment.now().plus(millis ? Duration.ofMillis(life.toSeconds()) : life)))
                .or(() -> rules.until(moment.now()))
                .orElseGet(() -> moment.now().plus(LIFE));
        return client.with(token, Optional.of(until), raw);
    }
}
