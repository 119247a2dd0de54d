package dev.millrace.server.credential;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSSignerOption;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Pem;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.text.ParseException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** Signs JSON web tokens (RFC 7515, 7519). */
final class JwtSigner {
    private static final String CODE = "invalid_signing_key";

    /** Providers issue weak keys; accepting them is their decision. */
    private static final Set<JWSSignerOption> WEAK_KEYS = Set.of(AllowWeakRSAKey.getInstance());

    private JwtSigner() {}

    /** The format of the key in a definition. */
    enum KeyKind {
        /** An RSA private key in PEM form. */
        RSA,
        /** An elliptic-curve private key in PEM form. */
        EC,
        /** A shared key in hexadecimal. */
        HMAC_HEX,
        /** A shared key as text. */
        HMAC_TEXT
    }

    /** @param header with {@code alg} */
    static String sign(ObjectNode header, ObjectNode claims, String key, KeyKind kind) {
        return sign(Json.text(header), Json.text(claims), key, kind);
    }

    /** The same for JSON texts, which are signed unchanged. */
    static String sign(String header, String claims, String key, KeyKind kind) {
        try {
            var parsed = JWSHeader.parse(header);
            var signer = signer(key, kind, parsed.getAlgorithm().getName());
            return sign(Base64URL.encode(header), parsed, claims, signer);
        } catch (ParseException e) {
            throw TokenFailure.impossible(CODE, "The header of the token cannot be used: " + e.getMessage());
        } catch (GeneralSecurityException | JOSEException | ClassCastException | IllegalArgumentException e) {
            throw TokenFailure.impossible(CODE, "The token cannot be signed with the given key: " + e.getMessage());
        }
    }

    private static String sign(Base64URL first, JWSHeader header, String claims, JWSSigner signer)
            throws JOSEException {
        var input = first + "." + Base64URL.encode(claims);
        return input + '.' + signer.sign(header, input.getBytes(StandardCharsets.US_ASCII));
    }

    private static JWSSigner signer(String key, KeyKind kind, String algorithm)
            throws GeneralSecurityException, JOSEException {
        return switch (kind) {
            case RSA -> new RSASSASigner(pem(key), WEAK_KEYS);
            case EC -> new ECDSASigner((ECPrivateKey) pem(key));
            case HMAC_HEX -> new MACSigner(padded(HexFormat.of().parseHex(key.strip()), algorithm));
            case HMAC_TEXT -> new MACSigner(padded(key.getBytes(StandardCharsets.UTF_8), algorithm));
        };
    }

    /**
     * HMAC pads short keys with zeros. A key that is too short for the library can therefore be padded without changing
     * the signature.
     */
    private static byte[] padded(byte[] key, String algorithm) {
        int least = algorithm.equals("HS512") ? 64 : algorithm.equals("HS384") ? 48 : 32;
        return key.length >= least ? key : Arrays.copyOf(key, least);
    }

    /** Line breaks of a key are lost in forms, and people often leave out its first and last line. */
    private static PrivateKey pem(String key) throws GeneralSecurityException {
        var text = key.strip();
        return Pem.privateKey(
                text.startsWith("-----BEGIN")
                        ? text
                        : "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----");
    }

    /** A client assertion, signed by RS256 with a JWK that has a {@code kid}. */
    static String byJwk(String jwk, ObjectNode claims) {
        try {
            var key = RSAKey.parse(jwk);
            var header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                    .type(JOSEObjectType.JWT)
                    .keyID(key.getKeyID())
                    .build();
            return sign(
                    header.toBase64URL(), header, Json.text(claims), new RSASSASigner(key.toPrivateKey(), WEAK_KEYS));
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            throw TokenFailure.impossible(
                    CODE, "client_private_key must be a private RSA key as JWK, with kid: " + e.getMessage());
        }
    }
}
