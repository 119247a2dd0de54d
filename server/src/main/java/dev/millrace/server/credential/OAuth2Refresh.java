package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Template;
import java.util.Base64;
import java.util.LinkedHashMap;
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
        var refreshToken = old.refreshToken()
                .orElseThrow(() -> TokenFailure.impossible(
                        "missing_refresh_token", "The connection has no refresh token: it must be reconnected."));
        var names = TokenNames.config(context.effectiveConfig());
        var url = TokenNames.url(context, url(context), names, moment);
        var parameters = Json.object().put("grant_type", "refresh_token").put("refresh_token", refreshToken);
        extra(context).properties().forEach(field -> add(parameters, field, names, moment));
        var headers = authenticate(context, old.client(), parameters);
        var answer = endpoint.send(TokenEndpoint.Call.post(url, body(context, parameters), headers));
        return read(context, old.client(), old.refreshToken(), answer, moment);
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
        boolean overridden = own.id().isPresent() && own.secret().isPresent();
        var id = overridden ? own.id() : context.integrationText("client_id");
        var secret = overridden ? own.secret() : context.integrationText("client_secret");
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
        var holder = holder(raw, context);
        var token = holder.isString()
                ? holder.asString()
                : holder.path("access_token").asString("");
        if (token.isEmpty()) {
            throw TokenAnswer.failure(answer.status(), raw);
        }
        var newest = CredentialJson.optional(holder, "refresh_token").or(() -> refreshToken);
        var until = TokenLife.of(holder.isObject() ? holder : raw, moment.now());
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
