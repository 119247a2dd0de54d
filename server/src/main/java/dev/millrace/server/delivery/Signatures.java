package dev.millrace.server.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs webhook bodies: creates the signature headers of Nango and of Standard Webhooks. */
final class Signatures {
    private static final String HMAC = "HmacSHA256";

    private Signatures() {}

    /**
     * The signature headers of a request.
     *
     * @param keys the active keys, the current one first. The Nango headers hold one signature by the current key. The
     *     Standard Webhooks header holds one signature by each key.
     * @param id the public id of the event
     * @param seconds the time of the attempt in seconds since 1970
     */
    static Map<String, String> of(List<String> keys, String id, long seconds, byte[] body) {
        var headers = new LinkedHashMap<String, String>();
        var current = keys.getFirst().getBytes(UTF_8);
        headers.put("x-nango-signature", legacy(current, body));
        headers.put("x-nango-hmac-sha256", HexFormat.of().formatHex(hmac(current, body)));
        headers.put("webhook-id", id);
        headers.put("webhook-timestamp", String.valueOf(seconds));
        var signatures = new ArrayList<String>();
        for (var key : keys) {
            signatures.add(standard(key.getBytes(UTF_8), id, seconds, body));
        }
        headers.put("webhook-signature", String.join(" ", signatures));
        return headers;
    }

    /** The hexadecimal SHA-256 of the key followed by the body. */
    private static String legacy(byte[] key, byte[] body) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(key);
            return HexFormat.of().formatHex(digest.digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One signature in the format of Standard Webhooks. */
    static String standard(byte[] key, String id, long seconds, byte[] body) {
        var signature = hmac(key, (id + '.' + seconds + '.').getBytes(UTF_8), body);
        return "v1," + Base64.getEncoder().encodeToString(signature);
    }

    private static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            for (var part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }
}
