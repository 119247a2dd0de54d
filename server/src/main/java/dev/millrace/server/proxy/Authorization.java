package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.credential.ApiKey;
import dev.millrace.server.credential.AppToken;
import dev.millrace.server.credential.AwsRole;
import dev.millrace.server.credential.Basic;
import dev.millrace.server.credential.Bill;
import dev.millrace.server.credential.ClientCredentials;
import dev.millrace.server.credential.None;
import dev.millrace.server.credential.OAuth1Token;
import dev.millrace.server.credential.OAuth2Token;
import dev.millrace.server.credential.SignedJwt;
import dev.millrace.server.credential.TokenBased;
import dev.millrace.server.credential.TwoStep;
import dev.millrace.server.credential.Wsse;
import dev.millrace.server.credential.signature.OAuth1;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.ProxyRules;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** Creates the {@code Authorization} header for those kinds of credentials that have a standard one. */
final class Authorization {
    private final Target target;
    private final Moment moment;

    Authorization(Target target, Moment moment) {
        this.target = target;
        this.moment = moment;
    }

    /** @param form the body, if it is a URL-encoded form, for schemes that sign it */
    Optional<String> header(String method, Url uri, String form) {
        return switch (target.credentials()) {
            case Basic basic -> Optional.of(basic(basic));
            case OAuth2Token _, AppToken _, ClientCredentials _, SignedJwt _, Wsse _ -> bearer();
            case TwoStep _ -> placesToken(target.provider().proxy()) ? Optional.empty() : bearer();
            case OAuth1Token token -> Optional.of(sign(oauth1(token), method, uri, form));
            case TokenBased token -> Optional.of(sign(tokenBased(token), method, uri, form));
            // Those of an AWS role are signed when all other headers are known.
            case ApiKey _, AwsRole _, Bill _, None _ -> Optional.empty();
        };
    }

    private Optional<String> bearer() {
        return target.accessToken().map(token -> "Bearer " + token);
    }

    private static String basic(Basic credentials) {
        var pair = credentials.username() + ':' + credentials.password();
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

    private OAuth1 oauth1(OAuth1Token token) {
        var named = target.provider().text("signature_method").orElse(OAuth1.Method.HMAC_SHA1.shown());
        return new OAuth1(
                OAuth1.Method.of(named)
                        .orElseThrow(() -> OutboundFailure.refused(
                                "unsupported_auth", "Requests cannot be signed by the method " + named + '.')),
                client(target.clientId()),
                client(target.clientSecret()),
                token.oauthToken(),
                token.oauthTokenSecret(),
                Optional.empty());
    }

    private String client(Optional<String> value) {
        return value.filter(text -> !text.isEmpty())
                .orElseThrow(() -> OutboundFailure.refused(
                        "unsupported_auth",
                        "Calls of provider '" + target.provider().name()
                                + "' are signed with a client id and a client secret: give both to the integration."));
    }

    /** NetSuite's variant: the client may belong to the connection, and the realm is the account. */
    private OAuth1 tokenBased(TokenBased token) {
        var account = target.connectionConfig().path("accountId").asString("");
        return new OAuth1(
                OAuth1.Method.HMAC_SHA256,
                client(ownClient(token.client().id(), "oauth_client_id").or(target::clientId)),
                client(ownClient(token.client().secret(), "oauth_client_secret").or(target::clientSecret)),
                token.tokenId(),
                token.tokenSecret(),
                Optional.of(account.replaceFirst("-", "_").toUpperCase(Locale.ROOT)));
    }

    private Optional<String> ownClient(Optional<String> override, String config) {
        return override.or(() -> target.connectionConfig().path(config).stringValueOpt());
    }

    private String sign(OAuth1 signer, String method, Url uri, String form) {
        return signer.authorization(method, uri, form, moment.random().replace("-", ""), moment.now());
    }
}
