package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.log.Secrets;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a connection authenticates with. Each kind knows its JSON form, which is stored, shown to applications and used
 * by templates; its secrets; its expiry; and the fields that a caller sends to create it.
 */
public sealed interface Credentials
        permits ApiKey,
                AppToken,
                AwsRole,
                Basic,
                Bill,
                ClientCredentials,
                None,
                OAuth1Token,
                OAuth2Token,
                SignedJwt,
                TokenBased,
                TwoStep,
                Wsse {

    /** The {@code type} in the JSON form; {@code NONE} stands for an empty object. */
    String type();

    /** A new object each time. */
    ObjectNode json();

    /** The value of {@code ${accessToken}} in calls. */
    default Optional<String> token() {
        return Optional.empty();
    }

    default Optional<Instant> expiresAt() {
        return Optional.empty();
    }

    /** Whether a new token can be obtained without the person who connected. */
    default boolean renewable() {
        return false;
    }

    /** Values that identify somebody without giving access. */
    default Set<String> identifiers() {
        return Set.of();
    }

    /** The connection's own client, used instead of the integration's. */
    default ClientOverride client() {
        return ClientOverride.NONE;
    }

    /** The form for applications that did not request refresh tokens. */
    default ObjectNode withoutRefreshToken() {
        return CredentialJson.withoutRefreshTokens(json());
    }

    /** All secret values. The provider's raw response adds none: its secrets are fields of their own. */
    default Set<String> secrets() {
        var bare = json();
        bare.remove("raw");
        return Secrets.in(bare);
    }

    /** Reads the stored form. */
    static Credentials of(ObjectNode stored) {
        var type = stored.path("type").asString("NONE");
        return switch (type) {
            case "API_KEY" -> ApiKey.of(stored);
            case "APP", "CUSTOM" -> AppToken.of(stored);
            case "AWS_SIGV4" -> AwsRole.of(stored);
            case "BASIC" -> Basic.of(stored);
            case "BILL" -> Bill.of(stored);
            case "JWT" -> SignedJwt.of(stored);
            case "NONE" -> new None();
            case "OAUTH1" -> OAuth1Token.of(stored);
            case "OAUTH2" -> OAuth2Token.of(stored);
            case "OAUTH2_CC" -> ClientCredentials.of(stored);
            case "SIGNATURE" -> Wsse.of(stored);
            case "TBA" -> TokenBased.of(stored);
            case "TWO_STEP" -> TwoStep.of(stored);
            default -> throw new IllegalStateException("credentials of the unknown type " + type);
        };
    }

    /** Reads the stored form from its text. */
    static Credentials parse(String stored) {
        return of(Json.parseObject(stored));
    }
}
