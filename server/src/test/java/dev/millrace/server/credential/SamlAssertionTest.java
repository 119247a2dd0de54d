package dev.millrace.server.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Moment;
import java.io.ByteArrayInputStream;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import tools.jackson.databind.node.ObjectNode;

/** Assertions which logins show, checked as their receivers do it. */
class SamlAssertionTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

    private static Assertion assertion(String description, ObjectNode credentials) {
        return new Assertion(
                Json.parseObject(description), credentials, Json.object(), Json.object(), new Moment(CLOCK));
    }

    private static Document parse(String assertion) throws Exception {
        var factory = DocumentBuilderFactory.newDefaultInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder()
                .parse(new ByteArrayInputStream(Base64.getDecoder().decode(assertion)));
    }

    private static KeyPair pair() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    @Test
    void a_signed_assertion_verifies_and_says_what_the_definition_wants() throws Exception {
        var pair = pair();
        var credentials = Json.object()
                .put("user", "ada")
                .put(
                        "key",
                        "-----BEGIN PRIVATE KEY-----\n"
                                + Base64.getMimeEncoder()
                                        .encodeToString(pair.getPrivate().getEncoded())
                                + "\n-----END PRIVATE KEY-----");

        var made = assertion("""
                        {"issuer":"me","key":"${credentials.key}","nameIdentifier":"${credentials.user}","recipient":"https://a",
                        "audiences":"a, b","attributes":{"role":"admin"},"lifetimeInSeconds":"120"}""", credentials).current(Optional.empty());

        var document = parse(made);
        var root = document.getDocumentElement();
        root.setIdAttribute("ID", true);
        var signature = document.getElementsByTagNameNS("http://www.w3.org/2000/09/xmldsig#", "Signature")
                .item(0);
        var context = new DOMValidateContext(pair.getPublic(), signature);
        assertThat(XMLSignatureFactory.getInstance("DOM")
                        .unmarshalXMLSignature(context)
                        .validate(context))
                .isTrue();
        assertThat(signature.getPreviousSibling().getLocalName()).isEqualTo("Issuer");
        assertThat(text(document, "NameID")).isEqualTo("ada");
        assertThat(text(document, "Audience")).isEqualTo("a");
        assertThat(text(document, "AttributeValue")).isEqualTo("admin");
        assertThat(Base64.getDecoder().decode(made)).asString().contains("NotOnOrAfter=\"2026-01-01T00:02:00.000Z\"");
    }

    private static String text(Document document, String name) {
        return document.getElementsByTagNameNS("*", name).item(0).getTextContent();
    }

    @Test
    void a_stored_assertion_is_used_while_it_is_good_for_a_minute() {
        var once = assertion("{\"issuer\":\"me\",\"singleUse\":true}", Json.object());
        var again = assertion("{\"issuer\":\"me\"}", Json.object());
        var stored = again.current(Optional.empty());
        var old =
                new SamlAssertion(Json.object(), _ -> Optional.empty(), new Moment(CLOCK)).make(Duration.ofSeconds(59));

        assertThat(again.current(Optional.of(stored))).isEqualTo(stored);
        assertThat(again.current(Optional.of(old))).isNotEqualTo(old);
        assertThat(once.current(Optional.of(stored))).isNotEqualTo(stored);
    }

    @Test
    void xml_bodies_keep_attributes_and_lists() {
        var object = Json.parseObject("""
                {"Login":{"$xmlns":"urn:a","User":"a<b","Role":["x","y"],"Note":{"$lang":"en","#text":"hi"}}}""");

        var xml = XmlBody.write(object);

        assertThat(xml)
                .endsWith("<Login xmlns=\"urn:a\"><User>a&lt;b</User><Role>x</Role><Role>y</Role>"
                        + "<Note lang=\"en\">hi</Note></Login>");
        assertThat(XmlBody.parse(xml.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .orElseThrow())
                .isEqualTo(object);
        assertThat(XmlBody.parse(new byte[] {'{', '}'})).isEmpty();
    }

    /** Computed by the rule of the contract with OpenSSL. */
    @Test
    void a_user_token_has_the_digest_of_hexadecimal_text() {
        assertThat(WsseSigning.token("ada", "secret", "0123456789abcdef0123456789abcdef", "2026-01-01T00:00:00.000Z"))
                .isEqualTo(
                        "UsernameToken Username=\"ada\", PasswordDigest=\"MDExN2M5MmQyZGRlNTc0MjNkOWY2OWE2ODU3MjYzMThjZmUzYTVkOQ==\","
                                + " Nonce=\"0123456789abcdef0123456789abcdef\", Created=\"2026-01-01T00:00:00.000Z\"");
    }
}
