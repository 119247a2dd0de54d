package dev.millrace.server.webhook.scheme;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.millrace.server.provider.WebhookRules.Encoding;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Instant;
import java.util.Optional;

/** Verifies JSON Web Tokens that are signed with RS256. */
final class TokenSignature {
    /** Allowed clock difference between sender and receiver. */
    private static final long LEEWAY_SECONDS = 60;

    private static final String BEARER = "Bearer ";

    private TokenSignature() {}

    /** The token of an {@code Authorization} header, with or without the scheme {@code Bearer}. */
    static String bare(String header) {
        return header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? header.substring(BEARER.length()).strip()
                : header;
    }

    /** @param bodyHash the claim that contains the SHA-256 of the body */
    static boolean isGenuine(
            String token, RSAPublicKey key, Optional<String> bodyHash, ProviderCall call, Instant now) {
        return claims(token, key, now)
                .filter(claims -> bodyHash.isEmpty() || isHashOfBody(claims.getClaim(bodyHash.get()), call.body()))
                .isPresent();
    }

    private static boolean isHashOfBody(Object claim, byte[] body) {
        var hash = Crypto.hash("sha256", body);
        return claim instanceof String text
                && (Crypto.equal(Crypto.encoded(hash, Encoding.HEX), text)
                        || Crypto.equal(Crypto.encoded(hash, Encoding.BASE64), text));
    }

    /** The claims of the token; empty if the signature is invalid or the token is not valid at this time. */
    static Optional<JWTClaimsSet> claims(String token, RSAPublicKey key, Instant now) {
        try {
            var jwt = SignedJWT.parse(token);
            if (!JWSAlgorithm.RS256.equals(jwt.getHeader().getAlgorithm()) || !jwt.verify(new RSASSAVerifier(key))) {
                return Optional.empty();
            }
            var claims = jwt.getJWTClaimsSet();
            var end = claims.getExpirationTime();
            var start = claims.getNotBeforeTime();
            boolean current = (end == null
                            || end.toInstant().plusSeconds(LEEWAY_SECONDS).isAfter(now))
                    && (start == null
                            || start.toInstant().minusSeconds(LEEWAY_SECONDS).isBefore(now));
            return current ? Optional.of(claims) : Optional.empty();
        } catch (ParseException | JOSEException | IllegalArgumentException | IllegalStateException _) {
            return Optional.empty();
        }
    }

    /** The id of the key that the token names as its signing key. Not verified. */
    static Optional<String> keyId(String token) {
        try {
            return Optional.ofNullable(SignedJWT.parse(token).getHeader().getKeyID());
        } catch (ParseException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
