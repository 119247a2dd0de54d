package dev.millrace.server.credential.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.server.outbound.Payload;
import dev.millrace.server.outbound.Url;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Signatures against the examples of those who specified them. */
class SignatureTest {
    private static final Url PHOTOS = Url.parse("http://photos.example.net/photos?file=vacation.jpg&size=original");

    private static OAuth1 photos(OAuth1.Method method, String consumerSecret) {
        return new OAuth1(
                method, "dpf43f3p2l4k3l03", consumerSecret, "nnch734d00sl2jdk", "pfkkdhi9sl3r4s00", Optional.empty());
    }

    private static AwsSignature aws(String arguments) {
        return Objects.requireNonNull(AwsSignature.of(arguments));
    }

    private static String sign(OAuth1 signer, String method, Url uri, String form) {
        return signer.authorization(method, uri, form, "kllo9940pd9333jh", Instant.ofEpochSecond(1191242096));
    }

    /** The example of RFC 5849 for parameters: repeated, empty and encoded parameters, some in the query, some in the form. */
    @Test
    void the_base_string_of_the_rfc() {
        var base = OAuth1.baseString(
                "post",
                Url.parse("http://EXAMPLE.com:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"),
                "c2&a3=2+q",
                Map.of(
                        "oauth_consumer_key", "9djdj82h48djs9d2",
                        "oauth_token", "kkk9d7dh3k39sjv7",
                        "oauth_signature_method", "HMAC-SHA1",
                        "oauth_timestamp", "137131201",
                        "oauth_nonce", "7d8f3e4a"));

        assertThat(base)
                .isEqualTo("POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D"
                        + "%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a"
                        + "%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh"
                        + "3k39sjv7");
    }

    /** OAuth Core 1.0, appendix A.5. */
    @Test
    void the_header_of_the_specification() {
        assertThat(sign(photos(OAuth1.Method.HMAC_SHA1, "kd94hf93k423kf44"), "GET", PHOTOS, ""))
                .isEqualTo("OAuth oauth_consumer_key=\"dpf43f3p2l4k3l03\", oauth_nonce=\"kllo9940pd9333jh\","
                        + " oauth_signature=\"tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D\","
                        + " oauth_signature_method=\"HMAC-SHA1\", oauth_timestamp=\"1191242096\","
                        + " oauth_token=\"nnch734d00sl2jdk\", oauth_version=\"1.0\"");
    }

    /** The example of Twitter's documentation, which signs a form. */
    @Test
    void a_form_is_signed() {
        var signer = new OAuth1(
                OAuth1.Method.HMAC_SHA1,
                "xvz1evFS4wEEPTGEFPHBog",
                "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
                "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
                "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
                Optional.empty());

        var header = signer.authorization(
                "POST",
                Url.parse("https://api.twitter.com/1/statuses/update.json?include_entities=true"),
                "status=Hello%20Ladies%20%2B%20Gentlemen%2C%20a%20signed%20OAuth%20request%21",
                "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
                Instant.ofEpochSecond(1318622958));

        assertThat(header).contains("oauth_signature=\"tnnArxj06cWHq44gCs1OSKk%2FjLY%3D\"");
    }

    @Test
    void plaintext_shows_the_secrets_themselves() {
        assertThat(sign(photos(OAuth1.Method.PLAINTEXT, "se&cret"), "GET", PHOTOS, ""))
                .contains("oauth_signature=\"se%2526cret%26pfkkdhi9sl3r4s00\"")
                .contains("oauth_signature_method=\"PLAINTEXT\"");
    }

    @Test
    void rsa_signs_with_the_key_that_stands_for_the_secret() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        var pair = generator.generateKeyPair();
        var pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";

        var header = sign(photos(OAuth1.Method.RSA_SHA1, pem), "GET", PHOTOS, "");

        var signature = java.net.URLDecoder.decode(
                header.replaceAll(".*oauth_signature=\"([^\"]*)\".*", "$1"), StandardCharsets.UTF_8);
        var verifier = Signature.getInstance("SHA1withRSA");
        verifier.initVerify(pair.getPublic());
        verifier.update(OAuth1.baseString(
                        "GET",
                        PHOTOS,
                        "",
                        Map.of(
                                "oauth_consumer_key", "dpf43f3p2l4k3l03",
                                "oauth_nonce", "kllo9940pd9333jh",
                                "oauth_signature_method", "RSA-SHA1",
                                "oauth_timestamp", "1191242096",
                                "oauth_token", "nnch734d00sl2jdk",
                                "oauth_version", "1.0"))
                .getBytes(StandardCharsets.UTF_8));
        assertThat(verifier.verify(Base64.getDecoder().decode(signature))).isTrue();
        assertThatThrownBy(() -> sign(photos(OAuth1.Method.RSA_SHA1, "no key"), "GET", PHOTOS, ""))
                .extracting("code")
                .isEqualTo("unsupported_auth");
    }

    /** The request of AWS's own walk-through ("ListUsers"). */
    @Test
    void the_walk_through_of_aws() {
        var signature = aws("AKIDEXAMPLE, wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY, us-east-1, iam");

        assertThat(signature.authorization(
                        "GET",
                        Url.parse("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
                        "application/x-www-form-urlencoded; charset=utf-8",
                        Payload.NONE,
                        Instant.parse("2015-08-30T12:36:00Z")))
                .isEqualTo("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request,"
                        + " SignedHeaders=content-type;host;x-amz-date,"
                        + " Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    }

    /** {@code get-vanilla} and {@code get-vanilla-query-order-key-case} of AWS's test suite. */
    @Test
    void the_test_suite_of_aws() {
        var signature =
                aws("AKIDEXAMPLE,wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY,us-east-1,service,example.amazonaws.com");
        var time = Instant.parse("2015-08-30T12:36:00Z");

        assertThat(signature.authorization("GET", Url.parse("https://example.amazonaws.com"), "", Payload.NONE, time))
                .endsWith("Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
        assertThat(signature.authorization(
                        "GET",
                        Url.parse("https://example.amazonaws.com/?Param2=value2&Param1=value1"),
                        "",
                        Payload.NONE,
                        time))
                .endsWith("Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
        assertThat(AwsSignature.of("id, secret, region")).isNull();
        assertThat(AwsSignature.of("id, , region, service")).isNull();
    }

    /** The example of a whole login in RFC 5849: the request token, the token, the photos. Its requests name no version. */
    @Test
    void the_signatures_of_the_rfc() {
        var common = Map.of("oauth_consumer_key", "dpf43f3p2l4k3l03", "oauth_signature_method", "HMAC-SHA1");
        var initiate = new HashMap<>(common);
        initiate.putAll(Map.of(
                "oauth_timestamp", "137131200",
                "oauth_nonce", "wIjqoS",
                "oauth_callback", "http://printer.example.com/ready"));
        assertThat(rfc("", "", "POST", "https://photos.example.net/initiate", initiate))
                .isEqualTo("74KNZJeDHnMBp0EMJ9ZHt/XKycU=");
        var token = new HashMap<>(common);
        token.putAll(Map.of(
                "oauth_token", "hh5s93j4hdidpola",
                "oauth_timestamp", "137131201",
                "oauth_nonce", "walatlh",
                "oauth_verifier", "hfdp7dh39dks9884"));
        assertThat(rfc("hh5s93j4hdidpola", "hdhd0244k9j7ao03", "POST", "https://photos.example.net/token", token))
                .isEqualTo("gKgrFCywp7rO0OXSjdot/IHF7IU=");
        var photos = new HashMap<>(common);
        photos.putAll(
                Map.of("oauth_token", "nnch734d00sl2jdk", "oauth_timestamp", "137131202", "oauth_nonce", "chapoH"));
        assertThat(rfc("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00", "GET", PHOTOS.toString(), photos))
                .isEqualTo("MdpQcU8iPSUjWoN/UDMsK2sui9I=");
    }

    private static String rfc(String token, String secret, String method, String url, Map<String, String> protocol) {
        var signer = new OAuth1(
                OAuth1.Method.HMAC_SHA1, "dpf43f3p2l4k3l03", "kd94hf93k423kf44", token, secret, Optional.empty());
        return signer.signature(OAuth1.baseString(method, Url.parse(url), "", protocol));
    }

    /** The example of the S3 documentation: all headers are signed, that of the body's hash included. */
    @Test
    void the_example_of_s3() {
        var signature = new AwsSignature(
                "AKIAIOSFODNN7EXAMPLE",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "us-east-1",
                "s3",
                "examplebucket.s3.amazonaws.com");
        var signed = signature.headers(
                "GET",
                Url.parse("https://examplebucket.s3.amazonaws.com/test.txt"),
                Map.of("range", "bytes=0-9", "user-agent", "not signed"),
                Payload.NONE,
                "",
                Instant.parse("2013-05-24T00:00:00Z"));
        assertThat(signed.get("authorization"))
                .isEqualTo("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                        + " SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                        + " Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
        assertThat(signed).doesNotContainKey("x-amz-security-token");
    }

    private static Url url(String host, String path, String query) {
        return new Url("https", "", host, -1, path, query.isEmpty() ? null : query);
    }

    /** {@code name:value;name:value} */
    private static SortedMap<String, String> headers(String text) {
        var headers = new TreeMap<String, String>();
        for (var header : text.split(";", -1)) {
            int colon = header.indexOf(':');
            if (colon > 0) {
                headers.put(header.substring(0, colon), header.substring(colon + 1));
            }
        }
        return headers;
    }

    /** Cases of AWS's test suite: its paths are not encoded yet, and equal headers are joined by commas. */
    static Stream<Arguments> suiteOfAws() {
        return Stream.of(
                arguments(
                        "get-vanilla-empty-query-key",
                        "GET",
                        "/",
                        "Param1=value1",
                        "",
                        "",
                        "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
                arguments(
                        "get-vanilla-query-order-key",
                        "GET",
                        "/",
                        "Param1=value2&Param1=Value1",
                        "",
                        "",
                        "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"),
                arguments(
                        "get-vanilla-query-order-value",
                        "GET",
                        "/",
                        "Param1=value2&Param1=value1",
                        "",
                        "",
                        "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"),
                arguments(
                        "get-vanilla-query-order-encoded",
                        "GET",
                        "/",
                        "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
                        "",
                        "",
                        "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"),
                arguments(
                        "get-vanilla-query-unreserved",
                        "GET",
                        "/",
                        "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                        "",
                        "",
                        "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
                arguments(
                        "get-vanilla-utf8-query",
                        "GET",
                        "/",
                        "%E1%88%B4=bar",
                        "",
                        "",
                        "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
                arguments(
                        "get-unreserved",
                        "GET",
                        "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                        "",
                        "",
                        "",
                        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
                arguments(
                        "get-utf8",
                        "GET",
                        "/\u1234",
                        "",
                        "",
                        "",
                        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
                arguments(
                        "get-header-key-duplicate",
                        "GET",
                        "/",
                        "",
                        "my-header1:value2,value2,value1",
                        "",
                        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
                arguments(
                        "get-header-value-multiline",
                        "GET",
                        "/",
                        "",
                        "my-header1:value1\n  value2\n     value3",
                        "",
                        "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"),
                arguments(
                        "get-header-value-order",
                        "GET",
                        "/",
                        "",
                        "my-header1:value4,value1,value3,value2",
                        "",
                        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
                arguments(
                        "get-header-value-trim",
                        "GET",
                        "/",
                        "",
                        "my-header1: value1;my-header2: \"a   b   c\"",
                        "",
                        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
                arguments(
                        "post-vanilla",
                        "POST",
                        "/",
                        "",
                        "",
                        "",
                        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
                arguments(
                        "post-vanilla-query",
                        "POST",
                        "/",
                        "Param1=value1",
                        "",
                        "",
                        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
                arguments(
                        "post-header-key-sort",
                        "POST",
                        "/",
                        "",
                        "my-header1:value1",
                        "",
                        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
                arguments(
                        "post-header-value-case",
                        "POST",
                        "/",
                        "",
                        "my-header1:VALUE1",
                        "",
                        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
                arguments(
                        "post-x-www-form-urlencoded",
                        "POST",
                        "/",
                        "",
                        "content-type:application/x-www-form-urlencoded",
                        "Param1=value1",
                        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
                arguments(
                        "post-sts-header-before",
                        "POST",
                        "/",
                        "",
                        "x-amz-security-token:AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
                        "",
                        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
                arguments(
                        "get-relative",
                        "GET",
                        "/example/..",
                        "",
                        "",
                        "",
                        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
                arguments(
                        "get-relative-relative",
                        "GET",
                        "/example1/example2/../..",
                        "",
                        "",
                        "",
                        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
                arguments(
                        "get-slash",
                        "GET",
                        "//",
                        "",
                        "",
                        "",
                        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
                arguments(
                        "get-slash-dot-slash",
                        "GET",
                        "/./",
                        "",
                        "",
                        "",
                        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
                arguments(
                        "get-slash-pointless-dot",
                        "GET",
                        "/./example",
                        "",
                        "",
                        "",
                        "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
                arguments(
                        "get-slashes",
                        "GET",
                        "//example//",
                        "",
                        "",
                        "",
                        "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
                arguments(
                        "get-space",
                        "GET",
                        "/example space/",
                        "",
                        "",
                        "",
                        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
                arguments(
                        "get-special-character",
                        "GET",
                        "/example/$delete",
                        "",
                        "",
                        "",
                        "a853c9b21b528b19643d00910d35b83a10c366a10833ceefb45edd6c80e40f27"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("suiteOfAws")
    void the_cases_of_the_suite(
            String name, String method, String path, String query, String headers, String body, String signature) {
        var signer =
                aws("AKIDEXAMPLE,wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY,us-east-1,service,example.amazonaws.com");
        var signed = headers(headers);
        signed.put("x-amz-date", "20150830T123600Z");

        assertThat(signer.authorization(
                        method,
                        url("example.amazonaws.com", path, query),
                        signed,
                        Digests.sha256Hex(body.getBytes(StandardCharsets.UTF_8)),
                        Instant.parse("2015-08-30T12:36:00Z")))
                .as(name)
                .endsWith("Signature=" + signature);
    }

    /** Further examples of the S3 documentation: parameters without a value, several of them, a body, a reserved character. */
    static Stream<Arguments> examplesOfS3() {
        return Stream.of(
                arguments(
                        "GET",
                        "/",
                        "lifecycle",
                        "",
                        "",
                        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
                arguments(
                        "GET",
                        "/",
                        "max-keys=2&prefix=J",
                        "",
                        "",
                        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
                arguments(
                        "PUT",
                        "/test$file.text",
                        "",
                        "date:Fri, 24 May 2013 00:00:00 GMT;x-amz-storage-class:REDUCED_REDUNDANCY",
                        "Welcome to Amazon S3.",
                        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
    }

    @ParameterizedTest
    @MethodSource("examplesOfS3")
    void the_further_examples_of_s3(
            String method, String path, String query, String headers, String body, String signature) {
        var signer = new AwsSignature(
                "AKIAIOSFODNN7EXAMPLE",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "us-east-1",
                "s3",
                "examplebucket.s3.amazonaws.com");

        var signed = signer.headers(
                method,
                url("examplebucket.s3.amazonaws.com", path, query),
                headers(headers),
                Payload.of(body.getBytes(StandardCharsets.UTF_8)),
                "",
                Instant.parse("2013-05-24T00:00:00Z"));

        assertThat(signed.get("authorization")).endsWith("Signature=" + signature);
    }

    /** The test case of the OAuth wiki for RSA, whose signatures do not depend on chance. */
    @Test
    void the_published_case_of_rsa() {
        var key = """
            -----BEGIN PRIVATE KEY-----
            MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALRiMLAh9iimur8V
            A7qVvdqxevEuUkW4K+2KdMXmnQbG9Aa7k7eBjK1S+0LYmVjPKlJGNXHDGuy5Fw/d
            7rjVJ0BLB+ubPK8iA/Tw3hLQgXMRRGRXXCn8ikfuQfjUS1uZSatdLB81mydBETlJ
            hI6GH4twrbDJCR2Bwy/XWXgqgGRzAgMBAAECgYBYWVtleUzavkbrPjy0T5FMou8H
            X9u2AC2ry8vD/l7cqedtwMPp9k7TubgNFo+NGvKsl2ynyprOZR1xjQ7WgrgVB+mm
            uScOM/5HVceFuGRDhYTCObE+y1kxRloNYXnx3ei1zbeYLPCHdhxRYW7T0qcynNmw
            rn05/KO2RLjgQNalsQJBANeA3Q4Nugqy4QBUCEC09SqylT2K9FrrItqL2QKc9v0Z
            zO2uwllCbg0dwpVuYPYXYvikNHHg+aCWF+VXsb9rpPsCQQDWR9TT4ORdzoj+Nccn
            qkMsDmzt0EfNaAOwHOmVJ2RVBspPcxt5iN4HI7HNeG6U5YsFBb+/GZbgfBT3kpNG
            WPTpAkBI+gFhjfJvRw38n3g/+UeAkwMI2TJQS4n8+hid0uus3/zOjDySH3XHCUno
            cn1xOJAyZODBo47E+67R4jV1/gzbAkEAklJaspRPXP877NssM5nAZMU0/O/NGCZ+
            3jPgDUno6WbJn5cqm8MqWhW1xGkImgRk+fkDBquiq4gPiT898jusgQJAd5Zrr6Q8
            AO/0isr/3aa6O6NLQxISLKcPDk2NOccAfS/xOtfOz4sJYM3+Bs4Io9+dZGSDCA54
            Lw03eHTNQghS0A==
            -----END PRIVATE KEY-----
            """;
        var signer = new OAuth1(OAuth1.Method.RSA_SHA1, "dpf43f3p2l4k3l03", key, "", "", Optional.empty());
        var base = OAuth1.baseString(
                "GET",
                Url.parse("http://photos.example.net/photos?file=vacaction.jpg&size=original"),
                "",
                Map.of(
                        "oauth_consumer_key", "dpf43f3p2l4k3l03",
                        "oauth_nonce", "13917289812797014437",
                        "oauth_signature_method", "RSA-SHA1",
                        "oauth_timestamp", "1196666512",
                        "oauth_version", "1.0"));

        assertThat(signer.signature(base))
                .isEqualTo(
                        "jvTp/wX1TYtByB1m+Pbyo0lnCOLIsyGCH7wke8AUs3BpnwZJtAuEJkvQL2/9n4s5wUmUl4aCI4BwpraNx4RtEXMe5qg5"
                                + "T1LVTGliMRpKasKsW//e+RinhejgCuzoH26dyF8iY2ZZ/5D1ilgeijhV/vBka5twt399mXwaYdCwFYE=");
    }
}
