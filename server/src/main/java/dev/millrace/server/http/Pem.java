package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/** Reads certificates and private keys in PEM form. */
public final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----", Pattern.DOTALL);
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");
    /** Version 0 and the algorithm rsaEncryption, which PKCS#8 has in addition to PKCS#1. */
    private static final byte[] RSA_HEAD = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private Pem() {}

    /** An RSA, elliptic-curve or Edwards-curve key in PKCS#8, or an RSA key in PKCS#1. */
    public static PrivateKey privateKey(String text) throws GeneralSecurityException {
        var block = BLOCK.matcher(text.replace("\\n", "\n"));
        while (block.find()) {
            var bytes = decode(block.group(2));
            switch (block.group(1)) {
                case "PRIVATE KEY" -> {
                    return pkcs8(bytes);
                }
                case "RSA PRIVATE KEY" -> {
                    return pkcs8(wrapped(bytes));
                }
                default -> {}
            }
        }
        throw new InvalidKeyException("it contains no unencrypted PRIVATE KEY block");
    }

    private static PrivateKey pkcs8(byte[] bytes) throws GeneralSecurityException {
        var key = new PKCS8EncodedKeySpec(bytes);
        for (var algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(key);
            } catch (InvalidKeySpecException _) {
                // Try the next type of key.
            }
        }
        throw new InvalidKeyException("the key is of none of the kinds " + ALGORITHMS);
    }

    private static byte[] wrapped(byte[] pkcs1) {
        var inner = new ByteArrayOutputStream();
        inner.writeBytes(RSA_HEAD);
        tagged(0x04, pkcs1, inner);
        var whole = new ByteArrayOutputStream();
        tagged(0x30, inner.toByteArray(), whole);
        return whole.toByteArray();
    }

    /** DER: a tag, the length (in its long form with two bytes, as keys of this size need), the content. */
    private static void tagged(int tag, byte[] content, ByteArrayOutputStream out) {
        out.write(tag);
        out.write(0x82);
        out.write(content.length >> 8);
        out.write(content.length);
        out.writeBytes(content);
    }

    private static byte[] decode(String base64) throws InvalidKeyException {
        try {
            return Base64.getMimeDecoder().decode(base64.getBytes(US_ASCII));
        } catch (IllegalArgumentException e) {
            throw new InvalidKeyException("it is not base64 between its first and last line", e);
        }
    }

    /** A certificate with its chain, in the order of the text. */
    public static List<X509Certificate> certificates(String text) throws CertificateException {
        var chain = new ArrayList<X509Certificate>();
        var bytes = text.replace("\\n", "\n").getBytes(US_ASCII);
        for (var certificate :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes))) {
            chain.add((X509Certificate) certificate);
        }
        if (chain.isEmpty()) {
            throw new CertificateException("it contains no CERTIFICATE block");
        }
        return chain;
    }
}
