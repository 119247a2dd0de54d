package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * An identity provider over HTTP that checks what it is sent: signatures of OAuth 1.0 by its own reading of RFC 5849, JSON
 * web tokens of apps, codes and verifiers of OAuth 2, registered clients. Thread-safe.
 */
final class IdentityProvider implements AutoCloseable {
    static final String CONSUMER = "consumer&key";
    static final String SECRET = "consumer secret+%";
    static final String APP = "4711";

    private final ScriptedApi api = new ScriptedApi();
    private final KeyPair keys;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<String, String> secrets = new ConcurrentHashMap<>();
    private final Map<String, String> callbacks = new ConcurrentHashMap<>();
    private final Set<String> nonces = ConcurrentHashMap.newKeySet();
    private final Map<String, String> challenges = new ConcurrentHashMap<>();
    private final Set<String> clients = ConcurrentHashMap.newKeySet();
    private final Map<String, String> wellKnown = new ConcurrentHashMap<>();
    private volatile boolean userMayUse = true;
    private volatile boolean userLost;

    IdentityProvider() {
        api.answers(this::answer);
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            keys = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String url() {
        return api.url();
    }

    List<Asked> asked() {
        return api.asked();
    }

    List<Asked> asked(String path) {
        return api.asked().stream().filter(one -> one.path().equals(path)).toList();
    }

    /** The private key that the app and the RSA client sign with. */
    String privateKey() {
        return "-----BEGIN RSA PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pkcs1())
                + "\n-----END RSA PRIVATE KEY-----";
    }

    /** Java writes keys in an envelope (PKCS 8) of 26 bytes around the older form. */
    private byte[] pkcs1() {
        var encoded = keys.getPrivate().getEncoded();
        return java.util.Arrays.copyOfRange(encoded, 26, encoded.length);
    }

    /** Whether the person who logs in may use the installation. */
    void userMayUse(boolean value) {
        userMayUse = value;
    }

    /** From now on the refresh token of the person is refused. */
    void loseUser(boolean value) {
        userLost = value;
    }

    /** What stands at {@code /.well-known/…}. */
    void wellKnown(String path, String json) {
        wellKnown.put(path, json);
    }

    void forgetWellKnown() {
        wellKnown.clear();
    }

    /** The person agrees: gives the verifier of a request token, or the code for a challenge of PKCE. */
    String agree(String tokenOrChallenge) {
        var code = "code-" + numbers.incrementAndGet();
        challenges.put(code, tokenOrChallenge);
        return code;
    }

    String callbackOf(String requestToken) {
        return callbacks.getOrDefault(requestToken, "none");
    }

    private Given answer(Asked asked) {
        var path = asked.path();
        if (path.startsWith("/.well-known/") || path.endsWith("/.well-known/openid-configuration")) {
            var found = wellKnown.get(path);
            return found == null ? Given.json(404, "{}") : Given.json(200, found);
        }
        if (path.startsWith("/installed/")) {
            return installed(asked);
        }
        if (path.startsWith("/app/installations/")) {
            return installation(asked);
        }
        return switch (path) {
            case "/oauth1/request" -> oauth1Request(asked);
            case "/oauth1/access" -> oauth1Access(asked);
            case "/oauth1/me" -> signed(asked).isEmpty() ? Given.json(401, "{}") : Given.json(200, "{\"ok\":true}");
            case "/user/token" -> userToken(asked);
            case "/user/check" -> Given.json(userMayUse ? 200 : 404, "{}");
            case "/user/me" -> Given.json(200, "{\"login\":\"ada\"}");
            case "/register" -> register(asked);
            case "/mcp/token" -> codeToken(asked);
            case "/sts/" -> sts(asked);
            case "/sts/custom" -> customSts(asked);
            default -> Given.json(200, "{\"path\":\"" + path + "\"}");
        };
    }

    private Given oauth1Request(Asked asked) {
        var protocol = signed(asked);
        if (protocol.isEmpty() || !protocol.containsKey("oauth_callback")) {
            return Given.json(401, "{\"error\":\"bad_signature\"}");
        }
        var token = "request/" + numbers.incrementAndGet();
        secrets.put(token, "rs&" + token);
        callbacks.put(token, protocol.getOrDefault("oauth_callback", ""));
        return form("oauth_token=" + encode(token) + "&oauth_token_secret=" + encode("rs&" + token)
                + "&oauth_callback_confirmed=true");
    }

    private Given oauth1Access(Asked asked) {
        var protocol = signed(asked);
        var token = protocol.getOrDefault("oauth_token", "");
        var verifier = protocol.getOrDefault("oauth_verifier", "");
        if (!token.startsWith("request/") || !token.equals(challenges.remove(verifier))) {
            return Given.json(401, "{\"error\":\"bad_verifier\"}");
        }
        secrets.remove(token);
        var access = "access/" + numbers.incrementAndGet();
        secrets.put(access, "as+" + access);
        return form(
                "oauth_token_secret=" + encode("as+" + access) + "&oauth_token=" + encode(access) + "&screen_name=ada");
    }

    private static Given form(String body) {
        return new Given(200, Map.of("content-type", "text/html"), body.getBytes(UTF_8));
    }

    /** The parameters of the signed header; none when the signature is wrong or the nonce was used before. */
    private Map<String, String> signed(Asked asked) {
        var protocol = new TreeMap<String, String>();
        for (var part :
                asked.header("authorization").replaceFirst("^OAuth ", "").split(", *", -1)) {
            int equals = part.indexOf("=\"");
            if (equals > 0) {
                protocol.put(decode(part.substring(0, equals)), decode(part.substring(equals + 2, part.length() - 1)));
            }
        }
        var signature = protocol.remove("oauth_signature");
        var realm = protocol.remove("realm");
        boolean known = protocol.getOrDefault("oauth_consumer_key", "").equals(CONSUMER);
        if (signature == null || !known || realm != null || !nonces.add(protocol.getOrDefault("oauth_nonce", ""))) {
            return Map.of();
        }
        var all = new ArrayList<String>();
        protocol.forEach((name, value) -> all.add(encode(name) + '=' + encode(value)));
        boolean isForm = asked.header("content-type").startsWith("application/x-www-form-urlencoded");
        for (var text : List.of(asked.query(), isForm ? asked.text() : "")) {
            for (var pair : text.split("&", -1)) {
                LoginBrowser.pairs(pair).forEach((name, value) -> all.add(encode(name) + '=' + encode(value)));
            }
        }
        var base = asked.method()
                + '&'
                + encode(url() + asked.path())
                + '&'
                + encode(String.join("&", all.stream().sorted().toList()));
        var token = protocol.getOrDefault("oauth_token", "");
        var key = encode(SECRET) + '&' + encode(secrets.getOrDefault(token, ""));
        return isGood(protocol.getOrDefault("oauth_signature_method", ""), base, key, signature) ? protocol : Map.of();
    }

    private boolean isGood(String method, String base, String key, String signature) {
        try {
            return switch (method) {
                case "PLAINTEXT" -> key.equals(signature);
                case "HMAC-SHA1" -> mac("HmacSHA1", key, base).equals(signature);
                case "HMAC-SHA256" -> mac("HmacSHA256", key, base).equals(signature);
                case "RSA-SHA1" -> {
                    var verifier = Signature.getInstance("SHA1withRSA");
                    verifier.initVerify(keys.getPublic());
                    verifier.update(base.getBytes(UTF_8));
                    yield verifier.verify(Base64.getDecoder().decode(signature));
                }
                default -> false;
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String mac(String algorithm, String key, String text) throws GeneralSecurityException {
        var mac = Mac.getInstance(algorithm);
        mac.init(new SecretKeySpec(key.getBytes(UTF_8), algorithm));
        return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(UTF_8)));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private static String decode(String text) {
        return java.net.URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
    }

    private Given installation(Asked asked) {
        var jwt = asked.header("authorization").replaceFirst("^Bearer ", "").split("\\.", -1);
        if (jwt.length != 3 || !asked.header("accept").equals("application/vnd.github.v3+json")) {
            return Given.json(401, "{\"message\":\"no token\"}");
        }
        try {
            var verifier = Signature.getInstance("SHA256withRSA");
            verifier.initVerify(keys.getPublic());
            verifier.update((jwt[0] + '.' + jwt[1]).getBytes(UTF_8));
            var claims = RawClient.JSON.readTree(Base64.getUrlDecoder().decode(jwt[1]));
            boolean good = verifier.verify(Base64.getUrlDecoder().decode(jwt[2]))
                    && claims.get("iss").asString().equals(APP)
                    && claims.get("exp").asLong() - claims.get("iat").asLong() <= 600;
            if (!good) {
                return Given.json(401, "{\"message\":\"bad token\"}");
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return Given.json(
                201,
                "{\"token\":\"ghs-" + numbers.incrementAndGet() + "\",\"expires_at\":\""
                        + Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS) + "\"}");
    }

    /** A code is good for the installation that it was given to, once. */
    private Given installed(Asked asked) {
        var wanted = RawClient.JSON.readTree(asked.body());
        boolean renewal = wanted.path("grant_type").asString("").equals("refresh_token");
        var installation = asked.path().split("/", -1)[2];
        boolean good = renewal
                ? wanted.path("refresh_token").asString("").startsWith("again-")
                : installation.equals(challenges.remove(wanted.path("code").asString("")));
        int number = numbers.incrementAndGet();
        return good
                ? Given.json(
                        201,
                        "{\"token\":\"snt-" + number + "\",\"refreshToken\":\"again-" + number
                                + "\",\"scope\":\"read\",\"expiresAt\":\""
                                + Instant.now().plus(8, ChronoUnit.HOURS) + "\"}")
                : Given.json(403, "{\"detail\":\"bad code\"}");
    }

    private Given userToken(Asked asked) {
        var form = LoginBrowser.pairs(asked.text());
        if (userLost && "refresh_token".equals(form.get("grant_type"))) {
            return Given.json(400, "{\"error\":\"invalid_grant\"}");
        }
        int number = numbers.incrementAndGet();
        return Given.json(
                200,
                "{\"access_token\":\"ghu-" + number + "\",\"refresh_token\":\"ghr-" + number + "\",\"expires_in\":60}");
    }

    private Given register(Asked asked) {
        var wanted = RawClient.JSON.readTree(asked.body());
        if (!wanted.path("token_endpoint_auth_method").asString("").equals("none")) {
            return Given.json(400, "{\"error\":\"invalid_client_metadata\"}");
        }
        var client = "dyn-" + numbers.incrementAndGet();
        clients.add(client);
        return Given.json(201, "{\"client_id\":\"" + client + "\"}");
    }

    /** A client that is known to it, or the address of a metadata document. */
    private Given codeToken(Asked asked) {
        var form = LoginBrowser.pairs(asked.text());
        var client = form.getOrDefault("client_id", "");
        boolean known =
                clients.contains(client) || client.contains("/oauth/client-metadata/") || client.equals("static");
        if (!known) {
            return Given.json(401, "{\"error\":\"invalid_client\"}");
        }
        boolean good = "refresh_token".equals(form.get("grant_type"))
                || challenge(form.getOrDefault("code_verifier", ""))
                        .equals(challenges.remove(form.getOrDefault("code", "")));
        return good
                ? Given.json(
                        200,
                        "{\"access_token\":\"mcp-" + numbers.incrementAndGet()
                                + "\",\"refresh_token\":\"r\",\"expires_in\":3600}")
                : Given.json(400, "{\"error\":\"invalid_grant\"}");
    }

    private static String challenge(String verifier) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Given sts(Asked asked) {
        var form = LoginBrowser.pairs(asked.text());
        boolean signed = asked.header("authorization")
                .matches(
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\\d{8}/[a-z0-9-]+/sts/aws4_request,"
                                + " SignedHeaders=accept;content-type;host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}");
        if (!signed || !"AssumeRole".equals(form.get("Action"))) {
            return new Given(
                    403,
                    Map.of("content-type", "text/xml"),
                    ("<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Code>AccessDenied</Code>"
                                    + "<Message>not allowed</Message></Error></ErrorResponse>")
                            .getBytes(UTF_8));
        }
        var until = Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);
        return new Given(
                200,
                Map.of("content-type", "text/xml"),
                ("<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>"
                                + "<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>role secret</SecretAccessKey>"
                                + "<SessionToken>session</SessionToken><Expiration>" + until + "</Expiration>"
                                + "</Credentials></AssumeRoleResult></AssumeRoleResponse>")
                        .getBytes(UTF_8));
    }

    private static Given customSts(Asked asked) {
        return asked.header("x-api-key").equals("sts-key")
                ? Given.json(
                        200,
                        "{\"credentials\":{\"accessKeyId\":\"ASIA2\",\"secret_access_key\":\"s2\",\"sessionToken\":\"t2\"}}")
                : Given.json(403, "{\"message\":\"no key\"}");
    }

    @Override
    public void close() {
        api.close();
    }
}
