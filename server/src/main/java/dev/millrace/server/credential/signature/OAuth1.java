package dev.millrace.server.credential.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Pem;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Signs requests by OAuth 1.0 (RFC 5849). The fields of a form are signed with the query, as the RFC demands.
 *
 * @param token empty before there is one; so is its secret
 * @param consumerSecret for {@link Method#RSA_SHA1} the private key in PEM form
 * @param realm sent but not signed
 */
public record OAuth1(
        Method method,
        String consumerKey,
        String consumerSecret,
        String token,
        String tokenSecret,
        Optional<String> realm) {
    /** How requests are signed. */
    public enum Method {
        HMAC_SHA1,
        HMAC_SHA256,
        RSA_SHA1,
        PLAINTEXT;

        /** The name in definitions and headers: {@code HMAC-SHA1}. */
        public String shown() {
            return name().replace('_', '-');
        }

        public static Optional<Method> of(String shown) {
            return Arrays.stream(values())
                    .filter(method -> method.shown().equalsIgnoreCase(shown))
                    .findFirst();
        }
    }

    private record Parameter(String name, String value) {}

    /** @param form the body, if it is a URL-encoded form */
    public String authorization(String httpMethod, Url uri, String form, String nonce, Instant now) {
        return authorization(httpMethod, uri, form, Map.of(), nonce, now);
    }

    /**
     * The value of the {@code Authorization} header.
     *
     * @param form the body, if it is a URL-encoded form
     * @param own further parameters of the protocol, such as {@code oauth_verifier}
     */
    public String authorization(
            String httpMethod, Url uri, String form, Map<String, String> own, String nonce, Instant now) {
        Map<String, String> protocol = new TreeMap<>(own);
        protocol.put("oauth_consumer_key", consumerKey);
        protocol.put("oauth_nonce", nonce);
        protocol.put("oauth_signature_method", method.shown());
        protocol.put("oauth_timestamp", String.valueOf(now.getEpochSecond()));
        protocol.put("oauth_version", "1.0");
        if (!token.isEmpty()) {
            protocol.put("oauth_token", token);
        }
        protocol.put("oauth_signature", signature(baseString(httpMethod, uri, form, protocol)));
        var fields = new ArrayList<String>();
        realm.ifPresent(text -> fields.add("realm=\"" + text + '"'));
        protocol.forEach((name, value) -> fields.add(encode(name) + "=\"" + encode(value) + '"'));
        return "OAuth " + String.join(", ", fields);
    }

    /** The signature base string of RFC 5849: the method, the URL and the sorted parameters, each encoded. */
    static String baseString(String httpMethod, Url uri, String form, Map<String, String> protocol) {
        var parameters = new ArrayList<Parameter>();
        protocol.forEach((name, value) -> parameters.add(new Parameter(encode(name), encode(value))));
        parameters.addAll(decoded(uri.query()));
        parameters.addAll(decoded(form));
        var normalized = parameters.stream()
                .sorted((a, b) -> a.name().equals(b.name())
                        ? a.value().compareTo(b.value())
                        : a.name().compareTo(b.name()))
                .map(parameter -> parameter.name() + '=' + parameter.value())
                .collect(Collectors.joining("&"));
        return httpMethod.toUpperCase(Locale.ROOT) + '&' + encode(uri.origin() + uri.path()) + '&' + encode(normalized);
    }

    /** The parameters of a query or form, encoded as the RFC requires. */
    private static List<Parameter> decoded(@Nullable String pairs) {
        if (pairs == null || pairs.isEmpty()) {
            return List.of();
        }
        return Arrays.stream(pairs.split("&", -1))
                .filter(pair -> !pair.isEmpty())
                .map(pair -> {
                    int equals = pair.indexOf('=');
                    return new Parameter(
                            recode(equals < 0 ? pair : pair.substring(0, equals)),
                            equals < 0 ? "" : recode(pair.substring(equals + 1)));
                })
                .toList();
    }

    static String recode(String text) {
        try {
            return encode(URLDecoder.decode(text, UTF_8));
        } catch (IllegalArgumentException e) {
            return encode(text);
        }
    }

    String signature(String baseString) {
        var key = encode(consumerSecret) + '&' + encode(tokenSecret);
        return switch (method) {
            case PLAINTEXT -> key;
            case HMAC_SHA1 -> base64(Digests.hmac("HmacSHA1", key.getBytes(UTF_8), baseString));
            case HMAC_SHA256 -> base64(Digests.hmac("HmacSHA256", key.getBytes(UTF_8), baseString));
            case RSA_SHA1 -> base64(rsa(baseString));
        };
    }

    private byte[] rsa(String baseString) {
        try {
            var signer = Signature.getInstance("SHA1withRSA");
            signer.initSign(Pem.privateKey(consumerSecret));
            signer.update(baseString.getBytes(UTF_8));
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw OutboundFailure.refused(
                    "unsupported_auth",
                    "The integration's client secret is not a private key in PEM form, which RSA-SHA1 requires: "
                            + e.getMessage());
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Percent-encodes all characters except the unreserved ones (RFC 5849). */
    static String encode(String text) {
        return URLEncoder.encode(text, UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    @Override
    public String toString() {
        return "OAuth1[" + method.shown() + ']';
    }
}
