package dev.millrace.server.credential.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.api.Test;

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
}
