package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.credential.signature.Digests;
import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.AuthMode;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Template;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Gets a new token with a refresh token. Thread-safe. */
final class OAuth2Refresh {
    private static final int BAD_REQUEST = 400;

    private final TokenEndpoint endpoint;

    OAuth2Refresh(TokenEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    OAuth2Token renew(TokenContext context, OAuth2Token old, Moment moment) throws InterruptedException {
        var rules = TokenRules.of(context.provider()).ofRenewals();
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
        var answer = endpoint.send(call(context, rules, old.client(), url, parameters, headers, moment));
        var fresh = read(context, rules, old.client(), old.refreshToken(), answer, moment);
        // A new refresh token must be stored before anything else can go wrong.
        return fresh.refreshToken().equals(old.refreshToken()) ? dated(endpoint, context, rules, fresh, moment) : fresh;
    }

    /** The call for a token as the provider wants it. */
    static TokenEndpoint.Call call(
            TokenContext context,
            TokenRules rules,
            ClientOverride own,
            Url url,
            ObjectNode parameters,
            Map<String, String> headers,
            Moment moment) {
        var client = client(context, own);
        var names = clientNames(client).or(TokenNames.config(context.effectiveConfig()));
        var sent = signed(rules, url, rules.renamed(parameters), names, moment);
        var all = headers(rules.headers(), headers, names, moment);
        return rules.usesGet()
                ? TokenEndpoint.Call.get(withQuery(url, sent), all)
                : TokenEndpoint.Call.post(url, body(context, sent), all);
    }

    /**
     * The headers of a token call.
     *
     * @param defined templates of further ones
     */
    static Map<String, String> headers(JsonNode defined, Map<String, String> headers, Names names, Moment moment) {
        var all = new LinkedHashMap<>(headers);
        defined.properties()
                .forEach(header -> Template.of(header.getValue().asString(""))
                        .resolve(names, moment)
                        .ifPresent(value -> all.put(header.getKey().toLowerCase(Locale.ROOT), value)));
        return all;
    }

    static Names clientNames(ClientOverride client) {
        return path -> switch (path) {
            case "clientId" -> client.id().orElse(null);
            case "clientSecret" -> client.secret().orElse(null);
            default -> null;
        };
    }

    /** Adds the signature of the parameters, where the provider wants one. */
    private static ObjectNode signed(TokenRules rules, Url url, ObjectNode parameters, Names names, Moment moment) {
        var signing = rules.signing();
        if (signing.isEmpty()) {
            return parameters;
        }
        var rule = signing.get();
        var sorted = parameters.properties().stream()
                .sorted(Map.Entry.comparingByKey())
                .toList();
        Names call = path -> switch (path) {
            case "path" -> url.path();
            case "parameters" ->
                sorted.stream()
                        .map(one -> one.getKey() + one.getValue().asString(""))
                        .collect(Collectors.joining());
            case "query" ->
                sorted.stream()
                        .map(one -> one.getKey() + '=' + one.getValue().asString(""))
                        .collect(Collectors.joining("&"));
            default -> null;
        };
        var all = call.or(names);
        var key = Template.of(rule.key())
                .resolve(all, moment)
                .filter(text -> !text.isEmpty())
                .orElseThrow(() -> TokenFailure.impossible(
                        "invalid_signing_key", "The token call cannot be signed: " + rule.key() + " has no value."));
        var signature = Digests.hmac(
                rule.algorithm(), key.getBytes(UTF_8), Template.of(rule.over()).render(all, moment));
        return parameters
                .deepCopy()
                .put(
                        rule.name(),
                        switch (rule.encoding()) {
                            case "base64" -> Base64.getEncoder().encodeToString(signature);
                            case "HEX" -> HexFormat.of().withUpperCase().formatHex(signature);
                            default -> HexFormat.of().formatHex(signature);
                        });
    }

    /**
     * The token with its expiry, which some providers tell only when they are asked. Without an answer the usual life
     * of the definition applies.
     */
    static OAuth2Token dated(
            TokenEndpoint endpoint, TokenContext context, TokenRules rules, OAuth2Token token, Moment moment)
            throws InterruptedException {
        var expiry = rules.expiry();
        if (expiry.isEmpty() || TokenLife.of(token.raw(), moment.now()).isPresent()) {
            return token;
        }
        try {
            var answer = endpoint.send(furtherCall(context, expiry.get(), token, moment));
            return answer.successful()
                    ? TokenAnswer.parse(answer)
                            .flatMap(found -> TokenAnswer.at(found, rules.expiryPath()))
                            .flatMap(TokenLife::date)
                            .map(token::until)
                            .orElse(token)
                    : token;
        } catch (TokenFailure _) {
            return token;
        }
    }

    static Url withQuery(Url url, ObjectNode parameters) {
        var pairs = TokenBody.pairs(parameters);
        return pairs.isEmpty() ? url : Url.parse(url + (url.query() == null ? "?" : "&") + pairs);
    }

    /** Exchanges a token for another one that lives longer. */
    static OAuth2Token further(
            TokenEndpoint endpoint, TokenContext context, TokenRules.Further further, OAuth2Token old, Moment moment)
            throws InterruptedException {
        var answer = endpoint.send(furtherCall(context, further, old, moment));
        return read(context, further.rules(), old.client(), old.refreshToken(), answer, moment);
    }

    private static TokenEndpoint.Call furtherCall(
            TokenContext context, TokenRules.Further further, OAuth2Token old, Moment moment) {
        Names secrets = path -> switch (path) {
            case "accessToken" -> old.accessToken();
            case "refreshToken" -> old.refreshToken().orElse(null);
            default -> null;
        };
        var config = TokenNames.config(context.effectiveConfig()).or(Names.under("answer.", old.raw()));
        var url = TokenNames.url(context, further.url(), config, moment);
        var names = secrets.or(clientNames(client(context, old.client()))).or(config);
        var parameters = Json.object();
        further.parameters().properties().forEach(field -> add(parameters, field, names, moment));
        var headers = headers(further.headers(), Map.of(), names, moment);
        return further.method().equals("GET")
                ? TokenEndpoint.Call.get(withQuery(url, parameters), headers)
                : TokenEndpoint.Call.post(url, body(context, parameters), headers);
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
            TokenRules rules,
            ClientOverride client,
            Optional<String> refreshToken,
            TokenEndpoint.Answer answer,
            Moment moment) {
        var raw = object(rules, answer);
        var holder = holder(rules.read(raw), context);
        var token = holder.isString()
                ? holder.asString()
                : holder.path("access_token").asString("");
        if (token.isEmpty()) {
            throw passing(rules, TokenAnswer.failure(answer.status(), raw));
        }
        var newest = CredentialJson.optional(holder, "refresh_token").or(() -> refreshToken);
        var until = TokenLife.of(holder.isObject() ? holder : raw, moment.now()).or(() -> rules.until(moment.now()));
        return new OAuth2Token(token, newest, until, client, raw);
    }

    /** The object in an answer that tells of a success. */
    static ObjectNode object(TokenRules rules, TokenEndpoint.Answer answer) {
        try {
            var raw = TokenAnswer.object(answer);
            if (rules.fails(raw)) {
                throw TokenAnswer.failure(BAD_REQUEST, raw);
            }
            return raw;
        } catch (TokenFailure e) {
            throw passing(rules, e);
        }
    }

    /** Some providers refuse calls that would succeed later, too many in a short time for example. */
    static TokenFailure passing(TokenRules rules, TokenFailure failure) {
        return rules.isTemporary(failure.code())
                ? TokenFailure.unavailable(
                        failure.code(), "The token endpoint has trouble that passes: " + failure.getMessage())
                : failure;
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
