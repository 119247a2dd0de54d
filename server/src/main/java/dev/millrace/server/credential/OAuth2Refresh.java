package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.AuthMode;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Template;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Gets a new token with a refresh token. Thread-safe. */
final class OAuth2Refresh {
    private final TokenEndpoint endpoint;

    OAuth2Refresh(TokenEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    OAuth2Token renew(TokenContext context, OAuth2Token old, Moment moment) throws InterruptedException {
        var rules = TokenRules.of(context.provider());
        var renewal = rules.renewal();
        if (old.refreshToken().isEmpty() && renewal.isPresent()) {
            return further(endpoint, context, renewal.get(), old, moment);
        }
        var refreshToken = old.refreshToken()
                .orElseThrow(() -> TokenFailure.impossible(
                        "missing_refresh_token", "The connection has no refresh token: it must be reconnected."));
        var names = TokenNames.config(context.effectiveConfig());
        var url = discovered(context).orElseGet(() -> TokenNames.url(context, url(context), names, moment));
        var parameters = Json.object().put("grant_type", "refresh_token").put("refresh_token", refreshToken);
        extra(context).properties().forEach(field -> add(parameters, field, names, moment));
        addResource(context, parameters);
        var headers = authenticate(context, old.client(), parameters);
        var answer = endpoint.send(call(context, url, parameters, headers, moment));
        return read(context, old.client(), old.refreshToken(), answer, moment);
    }

    /** The call for a token as the provider wants it. */
    static TokenEndpoint.Call call(
            TokenContext context, Url url, ObjectNode parameters, Map<String, String> headers, Moment moment) {
        var rules = TokenRules.of(context.provider());
        var names = TokenNames.config(context.effectiveConfig());
        var all = new LinkedHashMap<>(headers);
        rules.headers()
                .properties()
                .forEach(header -> Template.of(header.getValue().asString(""))
                        .resolve(names, moment)
                        .ifPresent(value -> all.put(header.getKey().toLowerCase(Locale.ROOT), value)));
        var renamed = rules.renamed(parameters);
        return rules.usesGet()
                ? TokenEndpoint.Call.get(withQuery(url, renamed), all)
                : TokenEndpoint.Call.post(url, body(context, renamed), all);
    }

    private static Url withQuery(Url url, ObjectNode parameters) {
        var pairs = TokenBody.pairs(parameters);
        return pairs.isEmpty() ? url : Url.parse(url + (url.query() == null ? "?" : "&") + pairs);
    }

    /** Exchanges a token for another one that lives longer. */
    static OAuth2Token further(
            TokenEndpoint endpoint, TokenContext context, TokenRules.Further further, OAuth2Token old, Moment moment)
            throws InterruptedException {
        var client = client(context, old.client());
        Names secrets = path -> switch (path) {
            case "accessToken" -> old.accessToken();
            case "refreshToken" -> old.refreshToken().orElse(null);
            case "clientId" -> client.id().orElse(null);
            case "clientSecret" -> client.secret().orElse(null);
            default -> null;
        };
        var config = TokenNames.config(context.effectiveConfig());
        var url = TokenNames.url(context, further.url(), config, moment);
        var parameters = Json.object();
        further.parameters().properties().forEach(field -> add(parameters, field, secrets.or(config), moment));
        var call = further.method().equals("GET")
                ? TokenEndpoint.Call.get(withQuery(url, parameters), Map.of())
                : TokenEndpoint.Call.post(url, body(context, parameters), Map.of());
        return read(context, old.client(), old.refreshToken(), endpoint.send(call), moment);
    }

    /** The connection's own client, else the integration's. */
    private static ClientOverride client(TokenContext context, ClientOverride own) {
        boolean overridden = own.id().isPresent() && (own.secret().isPresent() || isPublic(context));
        return overridden
                ? own
                : new ClientOverride(context.integrationText("client_id"), context.integrationText("client_secret"));
    }

    static TokenBody body(TokenContext context, ObjectNode parameters) {
        return context.definition().path("body_format").asString("form").equals("json")
                ? TokenBody.json(parameters)
                : TokenBody.form(parameters);
    }

    private static String url(TokenContext context) {
        return context.provider()
                .text("refresh_url")
                .or(() -> tokenUrl(context, "OAUTH2"))
                .orElseThrow(() -> TokenFailure.impossible(
                        "missing_token_url",
                        "The definition of provider " + context.provider().name() + " has no token_url."));
    }

    /** The token endpoint of an MCP server that tells of it itself. */
    static Optional<Url> discovered(TokenContext context) {
        if (context.provider().authMode() != AuthMode.MCP_OAUTH2_GENERIC) {
            return Optional.empty();
        }
        var metadata = Json.parse(context.config().path("oauth_metadata").asString("{}"));
        try {
            return Optional.of(Url.parse(metadata.path("token_endpoint").asString("")));
        } catch (OutboundFailure e) {
            throw TokenFailure.impossible(
                    "missing_token_url", "oauth_metadata of the connection has no usable token_endpoint.");
        }
    }

    /** Names the server that the token is for (RFC 8707). */
    static void addResource(TokenContext context, ObjectNode parameters) {
        if (context.provider().authMode() == AuthMode.MCP_OAUTH2_GENERIC) {
            CredentialJson.optional(context.config(), "oauth_resource_url")
                    .ifPresent(resource -> parameters.put("resource", resource));
        }
    }

    /** A client of an MCP server is mostly a public one, without a secret. */
    private static boolean isPublic(TokenContext context) {
        return switch (context.provider().authMode()) {
            case MCP_OAUTH2, MCP_OAUTH2_GENERIC -> true;
            default -> false;
        };
    }

    /** A definition with several modes has one URL for each. */
    static Optional<String> tokenUrl(TokenContext context, String mode) {
        return context.provider()
                .text("token_url")
                .or(() -> CredentialJson.optional(context.definition().path("token_url"), mode));
    }

    /** Parameters that the definition adds. Those meant for the first token must not change the grant type. */
    private static ObjectNode extra(TokenContext context) {
        return context.provider()
                .block("refresh_params")
                .orElseGet(() -> context.provider()
                        .block("token_params")
                        .map(parameters -> {
                            var kept = parameters.deepCopy();
                            kept.remove("grant_type");
                            return kept;
                        })
                        .orElseGet(Json::object));
    }

    static void add(ObjectNode parameters, Map.Entry<String, JsonNode> field, Names names, Moment moment) {
        if (field.getValue().isString()) {
            var value = Template.of(field.getValue().stringValue()).render(names, moment);
            if (!value.isEmpty()) {
                parameters.put(field.getKey(), value);
            }
        } else {
            parameters.set(field.getKey(), field.getValue());
        }
    }

    /** Authenticates the client, in the body or by a header. */
    static Map<String, String> authenticate(TokenContext context, ClientOverride own, ObjectNode parameters) {
        var client = client(context, own);
        var id = client.id();
        var secret = client.secret();
        var headers = new LinkedHashMap<String, String>();
        if (context.definition().path("authorization_method").asString("body").equals("header")) {
            headers.put("authorization", basic(TokenBody.encode(id.orElse("")), TokenBody.encode(secret.orElse(""))));
        } else {
            CredentialJson.put(parameters, "client_id", id);
            CredentialJson.put(parameters, "client_secret", secret);
        }
        if (context.definition().path("token_request_auth_method").asString("").equals("basic")) {
            headers.put("authorization", basic(id.orElse(""), secret.orElse("")));
        }
        return headers;
    }

    static String basic(String name, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((name + ':' + password).getBytes(UTF_8));
    }

    /** @param refreshToken kept when the provider sends no new one */
    static OAuth2Token read(
            TokenContext context,
            ClientOverride client,
            Optional<String> refreshToken,
            TokenEndpoint.Answer answer,
            Moment moment) {
        var raw = TokenAnswer.object(answer);
        var rules = TokenRules.of(context.provider());
        if (rules.fails(raw)) {
            throw TokenAnswer.failure(400, raw);
        }
        var holder = holder(rules.read(raw), context);
        var token = holder.isString()
                ? holder.asString()
                : holder.path("access_token").asString("");
        if (token.isEmpty()) {
            throw TokenAnswer.failure(answer.status(), raw);
        }
        var newest = CredentialJson.optional(holder, "refresh_token").or(() -> refreshToken);
        var until = TokenLife.of(holder.isObject() ? holder : raw, moment.now()).or(() -> rules.until(moment.now()));
        return new OAuth2Token(token, newest, until, client, raw);
    }

    /** The object that contains the token, or the token as text. */
    private static JsonNode holder(ObjectNode raw, TokenContext context) {
        if (CredentialJson.optional(raw, "access_token").isPresent()) {
            return raw;
        }
        return context.provider()
                .text("alternate_access_token_response_path")
                .flatMap(path -> TokenAnswer.at(raw, path))
                .orElse(raw);
    }
}
