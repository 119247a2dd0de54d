package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.credential.signature.AwsSignature;
import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Payload;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Begins sessions of AWS roles: at AWS's Security Token Service with the integration's own keys, or at a service of the
 * team that hands out temporary keys. Thread-safe.
 */
final class AwsSession {
    private static final Duration LIFE = Duration.ofHours(1);
    private static final int TOO_MANY = 429;
    /** How error codes begin that pass by themselves; AWS sends them with status 400. */
    private static final List<String> THROTTLED = List.of("Throttl", "RequestLimitExceeded", "RequestExpired");

    private static final int LONGEST_MESSAGE = 500;
    private static final String FORM = "application/x-www-form-urlencoded";

    private final TokenEndpoint endpoint;

    AwsSession(TokenEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    AwsRole renew(TokenContext context, AwsRole role, Moment moment) throws InterruptedException {
        var settings = new Settings(context.integration().custom());
        return switch (settings.text("stsMode").orElse("builtin")) {
            case "builtin" -> assumed(settings, role, moment);
            case "custom" -> handedOut(settings, role, moment);
            default ->
                throw TokenFailure.impossible(
                        "unsupported_auth", "stsMode of the integration must be 'builtin' or 'custom'.");
        };
    }

    /** The integration's own values. */
    private record Settings(ObjectNode custom) {
        Optional<String> text(String name) {
            return CredentialJson.optional(custom, name);
        }

        String required(String name) {
            return text(name)
                    .orElseThrow(() -> TokenFailure.impossible(
                            "unsupported_auth",
                            "The integration has no " + name + ", which sessions of AWS roles need: set it with"
                                    + " PATCH /integrations."));
        }

        Url endpoint(String otherwise) {
            var address = text("stsEndpointUrl").orElse(otherwise);
            try {
                return Url.parse(address);
            } catch (OutboundFailure e) {
                throw TokenFailure.impossible(
                        "unsupported_auth", "stsEndpointUrl of the integration is no address: " + e.getMessage());
            }
        }
    }

    private AwsRole assumed(Settings settings, AwsRole role, Moment moment) throws InterruptedException {
        var keyId = settings.required("awsAccessKeyId");
        var secret = settings.required("awsSecretAccessKey");
        var url = settings.endpoint("https://sts." + role.region() + ".amazonaws.com"
                + (role.region().startsWith("cn-") ? ".cn/" : "/"));
        var parameters = Json.object()
                .put("Action", "AssumeRole")
                .put("Version", "2011-06-15")
                .put("RoleArn", role.roleArn())
                .put("RoleSessionName", "millrace")
                .put("DurationSeconds", String.valueOf(LIFE.toSeconds()))
                .put("ExternalId", role.externalId());
        var body = TokenBody.pairs(parameters).getBytes(UTF_8);
        var headers = new LinkedHashMap<String, String>();
        headers.put("content-type", FORM);
        headers.put("accept", "application/xml");
        headers.putAll(new AwsSignature(keyId, secret, role.region(), "sts", url.authority())
                .headers("POST", url, headers, Payload.of(body), "", moment.now()));
        var answer = endpoint.send(new TokenEndpoint.Call("POST", url, headers, body, Optional.empty()));
        var xml = XmlBody.parse(answer.body()).orElseGet(Json::object);
        if (!answer.successful()) {
            throw refused(answer.status(), xml);
        }
        return role(role, xml.at("/AssumeRoleResponse/AssumeRoleResult/Credentials"), moment);
    }

    private static String shortened(String message) {
        return message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE) + "…";
    }

    private static TokenFailure refused(int status, ObjectNode xml) {
        var error = xml.path("ErrorResponse").path("Error");
        var code = error.path("Code").asString("status_" + status);
        var message = "The security token service answered " + status + ' ' + code + " ("
                + shortened(error.path("Message").asString("without a reason")) + ").";
        boolean later =
                status >= 500 || status == TOO_MANY || THROTTLED.stream().anyMatch(code::startsWith);
        return later ? TokenFailure.unavailable(code, message) : TokenFailure.refused(code, message);
    }

    private AwsRole handedOut(Settings settings, AwsRole role, Moment moment) throws InterruptedException {
        settings.required("stsEndpointUrl");
        var body = Json.object()
                .put("role_arn", role.roleArn())
                .put("external_id", role.externalId())
                .put("region", role.region())
                .put("service", role.service());
        var call = TokenEndpoint.Call.post(settings.endpoint(""), TokenBody.json(body), authentication(settings));
        var raw = TokenAnswer.object(endpoint.send(call));
        return role(role, raw.path("credentials").isObject() ? raw.path("credentials") : raw, moment);
    }

    private static Map<String, String> authentication(Settings settings) {
        return switch (settings.text("stsAuthType").orElse("api_key")) {
            case "api_key" ->
                settings.text("stsApiKey")
                        .map(key -> Map.of(
                                settings.text("stsApiKeyHeader")
                                        .orElse("x-api-key")
                                        .toLowerCase(Locale.ROOT),
                                key))
                        .orElse(Map.of());
            case "basic" ->
                Map.of(
                        "authorization",
                        OAuth2Refresh.basic(settings.required("stsUsername"), settings.required("stsPassword")));
            default ->
                throw TokenFailure.impossible(
                        "unsupported_auth", "stsAuthType of the integration must be 'api_key' or 'basic'.");
        };
    }

    private static AwsRole role(AwsRole role, JsonNode given, Moment moment) {
        var raw = given instanceof ObjectNode object ? object : Json.object();
        return new AwsRole(
                role.roleArn(),
                role.region(),
                role.service(),
                required(raw, "accessKeyId", "access_key_id", "AccessKeyId"),
                required(raw, "secretAccessKey", "secret_access_key", "SecretAccessKey"),
                required(raw, "sessionToken", "session_token", "SessionToken"),
                Optional.of(until(raw).orElseGet(() -> moment.now().plus(LIFE))),
                role.externalId(),
                raw);
    }

    private static Optional<Instant> until(ObjectNode raw) {
        return List.of("expiresAt", "expires_at", "expiration", "Expiration").stream()
                .flatMap(name -> TokenLife.date(raw.path(name)).stream())
                .findFirst();
    }

    private static String required(ObjectNode raw, String... names) {
        for (var name : names) {
            var value = CredentialJson.optional(raw, name);
            if (value.isPresent()) {
                return value.get();
            }
        }
        throw TokenFailure.refused("no_token", "The answer of the security token service has no " + names[0] + '.');
    }
}
