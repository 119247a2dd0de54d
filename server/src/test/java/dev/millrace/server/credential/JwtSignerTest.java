package dev.millrace.server.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import dev.millrace.server.http.Json;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAPrivateKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Signatures against the examples of RFC 7515, and against the keys that belong to them. */
class JwtSignerTest {
    /** The claims of appendix A.1, line breaks included. */
    private static final String CLAIMS =
            "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

    private static final String MODULUS =
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ"
                    + "PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re"
                    + "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud"
                    + "F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    private static final String EXPONENT =
            "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9S"
                    + "E-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51"
                    + "gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuh"
                    + "LhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ";

    private static BigInteger number(String base64) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(base64));
    }

    private static String pem(PrivateKey key) {
        return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    /** Appendix A.1. */
    @Test
    void hmac_as_in_the_rfc() {
        var key = Base64.getUrlDecoder()
                .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");

        var token = JwtSigner.sign(
                "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}",
                CLAIMS,
                HexFormat.of().formatHex(key),
                JwtSigner.KeyKind.HMAC_HEX);

        assertThat(token)
                .isEqualTo("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
                        + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
                        + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    /** Appendix A.2. */
    @Test
    void rsa_as_in_the_rfc() throws Exception {
        var key =
                KeyFactory.getInstance("RSA").generatePrivate(new RSAPrivateKeySpec(number(MODULUS), number(EXPONENT)));

        var token = JwtSigner.sign("{\"alg\":\"RS256\"}", CLAIMS, pem(key), JwtSigner.KeyKind.RSA);

        assertThat(token)
                .endsWith(
                        ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5ju"
                                + "jGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7"
                                + "K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np"
                                + "6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
    }

    /** Appendix A.3; its signatures depend on chance, so the key of the RFC verifies ours. */
    @Test
    void elliptic_curves_as_in_the_rfc() throws Exception {
        var published = ECKey.parse(
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                        + "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}");
        var example =
                "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
                        + "Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

        var token =
                JwtSigner.sign("{\"alg\":\"ES256\"}", CLAIMS, pem(published.toECPrivateKey()), JwtSigner.KeyKind.EC);

        var verifier = new ECDSAVerifier(published.toECPublicKey());
        assertThat(JWSObject.parse(token).verify(verifier)).isTrue();
        assertThat(JWSObject.parse(example).verify(verifier)).isTrue();
        assertThat(token.substring(0, token.lastIndexOf('.')))
                .isEqualTo(example.substring(0, example.lastIndexOf('.')));
    }

    /** RFC 7520, section 4.4: a key with an id, and a payload that is not JSON. */
    @Test
    void hmac_as_in_the_cookbook() {
        var key = Base64.getUrlDecoder().decode("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg");

        var token = JwtSigner.sign(
                "{\"alg\":\"HS256\",\"kid\":\"018c0ae5-4d9b-471b-bfd6-eef314bc7037\"}",
                "It\u2019s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep"
                        + " your feet, there\u2019s no knowing where you might be swept off to.",
                HexFormat.of().formatHex(key),
                JwtSigner.KeyKind.HMAC_HEX);

        assertThat(token).endsWith(".s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0");
    }

    /** The example of jwt.io, whose key is shorter than the algorithm wants it. */
    @Test
    void a_short_key_signs_as_it_is() {
        var token = JwtSigner.sign(
                "{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
                "{\"sub\":\"1234567890\",\"name\":\"John Doe\",\"iat\":1516239022}",
                "your-256-bit-secret",
                JwtSigner.KeyKind.HMAC_TEXT);

        assertThat(token).endsWith(".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c");
    }

    @Test
    void an_elliptic_curve_key_signs_even_without_its_frame() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var pair = generator.generateKeyPair();
        var bare = Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded());

        var token = JwtSigner.sign(
                Json.object().put("alg", "ES256").put("kid", "k1"),
                Json.object().put("iss", "me"),
                bare,
                JwtSigner.KeyKind.EC);

        assertThat(JWSObject.parse(token).verify(new ECDSAVerifier((ECPublicKey) pair.getPublic())))
                .isTrue();
    }

    /** RFC 7523: the assertion of a client. */
    @Test
    void a_clients_assertion_is_signed_by_its_jwk() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        var pair = generator.generateKeyPair();
        var jwk = new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                .privateKey((RSAPrivateKey) pair.getPrivate())
                .keyID("key-1")
                .build();

        var token = JWSObject.parse(
                JwtSigner.byJwk(jwk.toJSONString(), Json.object().put("iss", "client")));

        assertThat(token.verify(new RSASSAVerifier((RSAPublicKey) pair.getPublic())))
                .isTrue();
        assertThat(token.getHeader().getKeyID()).isEqualTo("key-1");
        assertThat(token.getPayload().toString()).isEqualTo("{\"iss\":\"client\"}");
    }

    @Test
    void a_key_that_does_not_fit_is_named_without_being_shown() {
        assertThatThrownBy(() -> JwtSigner.sign(
                        Json.object().put("alg", "RS256"), Json.object(), "secret-text", JwtSigner.KeyKind.RSA))
                .isInstanceOf(TokenFailure.class)
                .hasMessageContaining("cannot be signed with the given key")
                .hasMessageNotContaining("secret-text");
    }
}
