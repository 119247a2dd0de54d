package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Moment;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Fetches the token of an installed GitHub App. Thread-safe. */
final class InstallationToken {
    private static final Duration LIFE = Duration.ofMinutes(10);
    /** GitHub refuses tokens issued later than its own clock. */
    private static final Duration SKEW = Duration.ofSeconds(30);

    private static final int TOO_MANY = 429;

    private final TokenEndpoint endpoint;

    InstallationToken(TokenEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    AppToken renew(TokenContext context, AppToken old, Moment moment) throws InterruptedException {
        var template = OAuth2Refresh.tokenUrl(context, "APP")
                .orElseThrow(() -> TokenFailure.impossible(
                        "missing_token_url",
                        "The definition of provider " + context.provider().name() + " has no token_url."));
        var config = context.effectiveConfig();
        var names = TokenNames.config(config).or(TokenNames.config(old.json()));
        var url = TokenNames.url(
                context,
                template,
                path -> {
                    var value = names.value(path);
                    return value == null && path.equals("connectionConfig.installation_id")
                            ? old.installationId().orElse(null)
                            : value;
                },
                moment);
        var jwt = jwt(context, old, moment);
        var answer = endpoint.send(TokenEndpoint.Call.post(
                url,
                TokenBody.json(Json.object()),
                Map.of("authorization", "Bearer " + jwt, "accept", "application/vnd.github.v3+json")));
        var raw = TokenAnswer.object(answer);
        var token = CredentialJson.optional(raw, "token").orElseThrow(() -> TokenAnswer.failure(answer.status(), raw));
        return old.with(token, TokenLife.of(raw, moment.now()), raw);
    }

    /** Whether the provider says that a person has access to an installation; true when it cannot be asked. */
    boolean mayUse(TokenContext context, OAuth2Token user, String installation, Moment moment)
            throws InterruptedException {
        var template = context.provider()
                .text("installation_check_url")
                .or(() -> TokenRules.of(context.provider()).installationCheck());
        if (template.isEmpty()) {
            return true;
        }
        var names = TokenNames.config(context.effectiveConfig().put("installation_id", installation));
        var url = TokenNames.url(context, template.get(), names, moment);
        var headers = Map.of("authorization", "Bearer " + user.accessToken());
        var answer = endpoint.send(TokenEndpoint.Call.get(url, headers));
        if (answer.status() == TOO_MANY || answer.status() >= 500) {
            throw TokenFailure.unavailable(
                    "status_" + answer.status(),
                    "The provider could not say whose installation this is: it answered " + answer.status()
                            + ". Try again later.");
        }
        return answer.successful();
    }

    /**
     * The name by which the provider knows the person; its webhook names the person who asked for the installation in
     * the same way. Empty when the definition does not say where it stands, or the provider does not tell.
     */
    Optional<String> requester(TokenContext context, OAuth2Token user, Moment moment) throws InterruptedException {
        var place = context.provider()
                .block("installation_requester")
                .<JsonNode>map(block -> block)
                .orElseGet(() -> TokenRules.of(context.provider()).installationRequester());
        var template = CredentialJson.optional(place, "url");
        if (template.isEmpty()) {
            return Optional.empty();
        }
        var names = TokenNames.config(context.effectiveConfig());
        var url = TokenNames.url(context, template.get(), names, moment);
        var headers = Map.of("authorization", "Bearer " + user.accessToken());
        var answer = endpoint.send(TokenEndpoint.Call.get(url, headers));
        return answer.successful()
                ? TokenAnswer.parse(answer)
                        .flatMap(found ->
                                TokenAnswer.at(found, place.path("handle").asString("login")))
                        .map(name -> name.asString(""))
                        .filter(name -> !name.isEmpty())
                : Optional.empty();
    }

    /** By which the app itself is known. */
    static String jwt(TokenContext context, AppToken old, Moment moment) {
        var app = context.integrationText("app_id")
                .or(() -> CredentialJson.optional(context.config(), "app_id"))
                .or(old::appId)
                .orElse("");
        var key = context.integrationText("private_key")
                .orElseThrow(() -> TokenFailure.impossible(
                        "invalid_signing_key", "The integration has no private_key of its app."));
        var claims = Json.object()
                .put("iat", moment.now().minus(SKEW).getEpochSecond())
                .put("exp", moment.now().plus(LIFE).minus(SKEW).getEpochSecond())
                .put("iss", app);
        var header = Json.object().put("alg", "RS256").put("typ", "JWT");
        return JwtSigner.sign(header, claims, pem(key), JwtSigner.KeyKind.RSA);
    }

    /** Some clients send the key in base64. */
    private static String pem(String key) {
        if (key.contains("-----BEGIN")) {
            return key;
        }
        try {
            var decoded = new String(Base64.getMimeDecoder().decode(key), UTF_8);
            return Optional.of(decoded)
                    .filter(text -> text.contains("-----BEGIN"))
                    .orElse(key);
        } catch (IllegalArgumentException _) {
            return key;
        }
    }
}
