package dev.millrace.server.webhook.scheme;

import static dev.millrace.server.webhook.scheme.Sent.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Webhooks with a JSON Web Token. */
class TokensTest {
    private static final String BODY = "{\"call\":{\"id\":1},\"message\":{\"data\":\"e30=\"}}";
    private static final RSAKey KEY = key("k1");
    private static final RSAKey OTHER = key("k1");
    private static final String URL = "https://millrace.example/webhook/e/i";

    private final AtomicInteger fetched = new AtomicInteger();

    private static RSAKey key(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String signed(RSAKey key, JWTClaimsSet.Builder claims) {
        try {
            var header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                    .keyID(key.getKeyID())
                    .build();
            var jwt = new SignedJWT(header, claims.build());
            jwt.sign(new RSASSASigner(key));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem() {
        try {
            return "-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getMimeEncoder()
                            .encodeToString(KEY.toRSAPublicKey().getEncoded())
                    + "\n-----END PUBLIC KEY-----";
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JWTClaimsSet.Builder gong(String hash) {
        return new JWTClaimsSet.Builder().claim("body_sha256", hash).expirationTime(Date.from(NOW.plusSeconds(600)));
    }

    private static Sent gong() {
        return Sent.to("gong", BODY).query("nangoConnectionId", "c1");
    }

    @Test
    void gong_signs_the_hash_of_the_body() {
        var token = signed(KEY, gong(Sent.sha256(BODY)));
        var call = gong().header("authorization", "Bearer " + token);

        assertThat(call.key("webhook_secret", pem()).outcome()).isEqualTo("accepted");
        assertThat(call.metadata("{\"webhookSecret\":\""
                                + pem().replace("\r", "").replace("\n", "\\n") + "\"}")
                        .outcome())
                .isEqualTo("accepted");
        assertThat(call.header("authorization", token)
                        .key("webhook_secret", pem())
                        .outcome())
                .isEqualTo("accepted");
    }

    @Test
    void gong_is_refused_when_anything_differs() throws JOSEException {
        var call = gong().key("webhook_secret", pem());
        var expired = gong(Sent.sha256(BODY)).expirationTime(Date.from(NOW.minusSeconds(61)));
        var mac = new SignedJWT(
                new JWSHeader(JWSAlgorithm.HS256), gong(Sent.sha256(BODY)).build());
        mac.sign(new MACSigner(pem().getBytes(java.nio.charset.StandardCharsets.UTF_8)));

        for (var token : new String[] {
            signed(OTHER, gong(Sent.sha256(BODY))),
            signed(KEY, gong(Sent.sha256(BODY + " "))),
            signed(KEY, new JWTClaimsSet.Builder()),
            signed(KEY, expired),
            mac.serialize(),
            "eyJhbGciOiJub25lIn0.e30.",
            "x"
        }) {
            assertThat(call.header("authorization", "Bearer " + token).outcome())
                    .isEqualTo("401 webhook_invalid_signature");
        }
        assertThat(call.outcome()).isEqualTo("401 webhook_missing_signature");
        assertThat(gong().header("authorization", "Bearer x").outcome()).isEqualTo("400 webhook_invalid_secret");
        assertThat(gong().header("authorization", "Bearer x")
                        .key("webhook_secret", "no key")
                        .outcome())
                .isEqualTo("400 webhook_invalid_secret");
    }

    private static JWTClaimsSet.Builder google() {
        return new JWTClaimsSet.Builder()
                .issuer("https://accounts.google.com")
                .audience(URL)
                .claim("email", "push@project.iam.gserviceaccount.com")
                .claim("email_verified", true)
                .expirationTime(Date.from(NOW.plusSeconds(600)));
    }

    private String outcome(Sent call, GoogleTokens tokens) {
        return Sent.outcome(call.read(Sent.PROVIDERS.find("google-mail").orElseThrow(), tokens));
    }

    private GoogleTokens tokens(Sent call) {
        return new GoogleTokens(
                () -> {
                    fetched.incrementAndGet();
                    return Optional.of(new JWKSet(KEY.toPublicJWK()).toString());
                },
                call.clock());
    }

    private String pushed(JWTClaimsSet.Builder claims, RSAKey key) {
        var call = Sent.to("google-mail", BODY).header("authorization", "Bearer " + signed(key, claims));
        return outcome(call, tokens(call));
    }

    @Test
    void a_push_of_google_is_verified_when_it_has_a_token() {
        assertThat(pushed(google(), KEY)).isEqualTo("accepted");
        assertThat(pushed(google().issuer("accounts.google.com"), KEY)).isEqualTo("accepted");
        assertThat(pushed(google(), OTHER)).isEqualTo("401 webhook_invalid_signature");
        assertThat(pushed(google().issuer("https://evil.example"), KEY)).isEqualTo("401 webhook_invalid_signature");
        assertThat(pushed(google().audience("https://elsewhere"), KEY)).isEqualTo("401 webhook_invalid_signature");
        assertThat(pushed(google().expirationTime(Date.from(NOW.minusSeconds(61))), KEY))
                .isEqualTo("401 webhook_invalid_signature");
        assertThat(pushed(google().expirationTime(null), KEY)).isEqualTo("401 webhook_invalid_signature");
    }

    @Test
    void an_integration_may_insist_on_the_token_and_on_its_account() {
        var call = Sent.to("google-mail", BODY);
        var token = call.header("authorization", "Bearer " + signed(KEY, google()));

        assertThat(outcome(call, tokens(call))).isEqualTo("accepted");
        assertThat(outcome(call.key("webhookTokenRequired", "true"), tokens(call)))
                .isEqualTo("401 webhook_missing_token");
        assertThat(outcome(token.key("webhookServiceAccount", "push@project.iam.gserviceaccount.com"), tokens(call)))
                .isEqualTo("accepted");
        assertThat(outcome(token.key("webhookServiceAccount", "other@x"), tokens(call)))
                .isEqualTo("401 webhook_invalid_signature");
    }

    @Test
    void keys_of_google_are_fetched_once() {
        var call = Sent.to("google-mail", BODY).header("authorization", "Bearer " + signed(KEY, google()));
        var unknown = call.header("authorization", "Bearer " + signed(key("k2"), google()));
        var tokens = tokens(call);
        for (int i = 0; i < 5; i++) {
            assertThat(outcome(call, tokens)).isEqualTo("accepted");
            assertThat(outcome(unknown, tokens)).isEqualTo("401 webhook_invalid_signature");
        }

        assertThat(fetched).hasValue(1);
    }

    @Test
    void without_the_keys_google_is_asked_to_send_again() {
        var call = Sent.to("google-mail", BODY).header("authorization", "Bearer " + signed(KEY, google()));

        assertThat(outcome(call, new GoogleTokens(Optional::empty, call.clock())))
                .isEqualTo("503 webhook_keys_unavailable");
    }
}
