package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.ProxyRules;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Makes the {@code Authorization} header which a kind of credentials has by itself (proxy §5). */
final class Authorization {
    private final Target target;
    private final Moment moment;

    Authorization(Target target, Moment moment) {
        this.target = target;
        this.moment = moment;
    }

    /** @param form the body, if it is a URL-encoded form, for those that sign it */
    Optional<String> header(String method, Url uri, String form) {
        var credentials = target.credentials();
        var type = credentials.path("type").asString("NONE");
        return switch (type) {
            case "BASIC" -> Optional.of(basic(credentials));
            case "OAUTH2", "APP", "OAUTH2_CC", "JWT", "SIGNATURE" -> bearer();
            case "TWO_STEP" -> placesToken(target.provider().proxy()) ? Optional.empty() : bearer();
            case "OAUTH1" -> Optional.of(sign(oauth1(credentials), method, uri, form));
            case "TBA" -> Optional.of(sign(tokenBased(credentials), method, uri, form));
            case "AWS_SIGV4" ->
                throw OutboundFailure.refused("unsupported_auth", "Calls signed as " + type + " are not possible yet.");
            default -> Optional.empty();
        };
    }

    private Optional<String> bearer() {
        return target.accessToken().map(token -> "Bearer " + token);
    }

    private static String basic(JsonNode credentials) {
        var pair = credentials.path("username").asString("")
                + ':'
                + credentials.path("password").asString("");
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    }

    /** Whether the definition itself says where the token goes. */
    private static boolean placesToken(ProxyRules rules) {
        return rules.headers().stream().anyMatch(header -> {
            var variables = header.value().variables();
            return variables.contains("accessToken")
                    || (header.name().equals("cookie") && variables.contains("credentials._cookies"));
        });
    }

    private OAuth1 oauth1(JsonNode credentials) {
        var named = target.provider().text("signature_method").orElse(OAuth1.Method.HMAC_SHA1.shown());
        return new OAuth1(
                OAuth1.Method.of(named)
                        .orElseThrow(() -> OutboundFailure.refused(
                                "unsupported_auth", "Requests cannot be signed by the method " + named + '.')),
                client(target.clientId()),
                client(target.clientSecret()),
                credentials.path("oauth_token").asString(""),
                credentials.path("oauth_token_secret").asString(""),
                Optional.empty());
    }

    private String client(Optional<String> value) {
        return value.filter(text -> !text.isEmpty())
                .orElseThrow(() -> OutboundFailure.refused(
                        "unsupported_auth",
                        "Calls of provider '" + target.provider().name()
                                + "' are signed with a client id and a client secret: give both to the integration."));
    }

    /** NetSuite's variety: the client may stand with the connection, the account goes along as realm. */
    private OAuth1 tokenBased(JsonNode credentials) {
        var account = target.connectionConfig().path("accountId").asString("");
        return new OAuth1(
                OAuth1.Method.HMAC_SHA256,
                client(ownClient("client_id", "oauth_client_id").or(target::clientId)),
                client(ownClient("client_secret", "oauth_client_secret").or(target::clientSecret)),
                credentials.path("token_id").asString(""),
                credentials.path("token_secret").asString(""),
                Optional.of(account.replaceFirst("-", "_").toUpperCase(Locale.ROOT)));
    }

    private Optional<String> ownClient(String override, String config) {
        return target.credentials()
                .path("config_override")
                .path(override)
                .stringValueOpt()
                .or(() -> target.connectionConfig().path(config).stringValueOpt());
    }

    private String sign(OAuth1 signer, String method, Url uri, String form) {
        return signer.authorization(method, uri, form, moment.random().replace("-", ""), moment.now());
    }
}
