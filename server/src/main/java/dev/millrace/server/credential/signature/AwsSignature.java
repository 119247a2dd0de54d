package dev.millrace.server.credential.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.outbound.Payload;
import dev.millrace.server.outbound.Url;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Signs requests by AWS Signature Version 4. */
public record AwsSignature(String keyId, String secret, String region, String service, String host) {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    /** By name, then by value: the equals sign would come after digits and hyphens of longer names. */
    private static final Comparator<String> BY_NAME = Comparator.comparing(pair -> pair.replace('=', '\0'));

    private static final Pattern BLANKS = Pattern.compile("\\s+");
    /** Set on the way, or written after the signature. */
    private static final Set<String> UNSIGNED =
            Set.of("authorization", "connection", "content-length", "expect", "transfer-encoding", "user-agent");

    /** Reads {@code id, secret, region, service[, host]}, as definitions write it; null when one of them is missing. */
    public static @Nullable AwsSignature of(String arguments) {
        var parts = Arrays.stream(arguments.split(",", -1)).map(String::strip).toArray(String[]::new);
        if (parts.length < 4 || parts.length > 5 || Arrays.asList(parts).contains("")) {
            return null;
        }
        var host = parts.length == 5 ? parts[4] : parts[3] + ".amazonaws.com";
        return new AwsSignature(parts[0], parts[1], parts[2], parts[3], host);
    }

    /**
     * The value of the {@code Authorization} header. The request must have an {@code x-amz-date} of the same time.
     *
     * @param contentType signed unless empty
     */
    public String authorization(String method, Url uri, String contentType, Payload body, Instant now) {
        var headers = new TreeMap<String, String>();
        headers.put("x-amz-date", TIME.format(now));
        if (!contentType.isEmpty()) {
            headers.put("content-type", contentType);
        }
        return authorization(method, uri, headers, Digests.sha256Hex(body), now);
    }

    /**
     * The headers that sign a request, all of its headers included: {@code authorization} and those it depends on.
     *
     * @param headers of the request, in lower case
     * @param sessionToken of temporary keys; empty for lasting ones
     */
    public Map<String, String> headers(
            String method, Url uri, Map<String, String> headers, Payload body, String sessionToken, Instant now) {
        var hash = Digests.sha256Hex(body);
        var own = new LinkedHashMap<String, String>();
        own.put("x-amz-date", TIME.format(now));
        own.put("x-amz-content-sha256", hash);
        if (!sessionToken.isEmpty()) {
            own.put("x-amz-security-token", sessionToken);
        }
        var signed = new TreeMap<>(headers);
        signed.putAll(own);
        signed.keySet().removeAll(UNSIGNED);
        own.put("authorization", authorization(method, uri, signed, hash, now));
        return own;
    }

    /** @param headers that are signed; the host is added */
    String authorization(String method, Url uri, SortedMap<String, String> headers, String bodyHash, Instant now) {
        headers.put("host", host);
        var time = TIME.format(now);
        var signed = String.join(";", headers.keySet());
        var lines = headers.entrySet().stream()
                .map(header -> header.getKey()
                        + ':'
                        + BLANKS.matcher(header.getValue().strip()).replaceAll(" ")
                        + '\n')
                .collect(Collectors.joining());
        var canonical = String.join("\n", method, path(uri), query(uri), lines, signed, bodyHash);
        var scope = String.join("/", time.substring(0, 8), region, service, "aws4_request");
        var text = String.join("\n", ALGORITHM, time, scope, Digests.sha256Hex(canonical.getBytes(UTF_8)));
        var signature = HexFormat.of().formatHex(Digests.hmac("HmacSHA256", key(time.substring(0, 8)), text));
        return ALGORITHM + " Credential=" + keyId + '/' + scope + ", SignedHeaders=" + signed + ", Signature="
                + signature;
    }

    private byte[] key(String day) {
        var key = ("AWS4" + secret).getBytes(UTF_8);
        for (var part : new String[] {day, region, service, "aws4_request"}) {
            key = Digests.hmac("HmacSHA256", key, part);
        }
        return key;
    }

    /**
     * S3 signs the encoded path as it is, with every reserved character encoded; the others encode the encoded path
     * again, without empty and dot segments.
     */
    private String path(Url uri) {
        boolean s3 = service.equals("s3");
        return Arrays.stream((s3 ? uri.path() : normalized(uri.path())).split("/", -1))
                .map(part -> s3 ? OAuth1.recode(part.replace("+", "%2B")) : OAuth1.encode(part))
                .collect(Collectors.joining("/"));
    }

    private static String normalized(String path) {
        var kept = new ArrayDeque<String>();
        for (var part : path.split("/", -1)) {
            switch (part) {
                case "", "." -> {}
                case ".." -> kept.pollLast();
                default -> kept.addLast(part);
            }
        }
        boolean folder = path.endsWith("/") && !kept.isEmpty();
        return '/' + String.join("/", kept) + (folder ? "/" : "");
    }

    private static String query(Url uri) {
        var query = uri.query();
        if (query == null) {
            return "";
        }
        return Arrays.stream(query.split("&", -1))
                .filter(pair -> !pair.isEmpty())
                .map(AwsSignature::canonical)
                .sorted(BY_NAME)
                .collect(Collectors.joining("&"));
    }

    private static String canonical(String pair) {
        int equals = pair.indexOf('=');
        return equals < 0
                ? OAuth1.recode(pair) + '='
                : OAuth1.recode(pair.substring(0, equals)) + '=' + OAuth1.recode(pair.substring(equals + 1));
    }

    @Override
    public String toString() {
        return "AwsSignature[" + region + ' ' + service + ']';
    }
}
