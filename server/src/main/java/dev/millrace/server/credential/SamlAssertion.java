package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Pem;
import dev.millrace.server.http.Times;
import dev.millrace.server.provider.Moment;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.xml.XMLConstants;
import javax.xml.crypto.MarshalException;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.SignatureMethod;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureException;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import tools.jackson.databind.node.ObjectNode;

/** Creates a SAML 2.0 assertion as a definition describes it, signed when there is a key. */
final class SamlAssertion {
    private static final String NAMESPACE = "urn:oasis:names:tc:SAML:2.0:assertion";
    private static final String UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
    private static final String BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    private static final String PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
    private static final String CODE = "invalid_signing_key";

    private final ObjectNode description;
    private final Function<String, Optional<String>> value;
    private final Moment moment;
    private final Document document;

    /** @param value gives the text of a field of the description, with its placeholders replaced */
    SamlAssertion(ObjectNode description, Function<String, Optional<String>> value, Moment moment) {
        this.description = description;
        this.value = value;
        this.moment = moment;
        try {
            var factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setNamespaceAware(true);
            document = factory.newDocumentBuilder().newDocument();
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Encoded in base64. */
    String make(Duration life) {
        var now = Times.utc(moment.now());
        var until = Times.utc(moment.now().plus(life));
        var root = document.createElementNS(NAMESPACE, "saml2:Assertion");
        document.appendChild(root);
        // A signature covers only namespace declarations that are part of the tree.
        root.setAttributeNS(XMLConstants.XMLNS_ATTRIBUTE_NS_URI, "xmlns:saml2", NAMESPACE);
        root.setAttribute("ID", "_" + moment.random().replace("-", ""));
        root.setIdAttribute("ID", true);
        root.setAttribute("IssueInstant", now);
        root.setAttribute("Version", "2.0");
        var issuer = element(root, "Issuer");
        issuer.setTextContent(value.apply("issuer").orElse(""));
        subject(root, until);
        conditions(root, now, until);
        statement(root, now);
        attributes(root);
        value.apply("key").ifPresent(key -> sign(root, issuer, key));
        return Base64.getEncoder().encodeToString(text().getBytes(UTF_8));
    }

    private Element element(Element parent, String name) {
        var element = document.createElementNS(NAMESPACE, "saml2:" + name);
        parent.appendChild(element);
        return element;
    }

    private void subject(Element root, String until) {
        var subject = element(root, "Subject");
        var name = element(subject, "NameID");
        name.setAttribute("Format", value.apply("nameIdentifierFormat").orElse(UNSPECIFIED));
        name.setTextContent(value.apply("nameIdentifier").orElse(""));
        var confirmation = element(subject, "SubjectConfirmation");
        confirmation.setAttribute("Method", BEARER);
        var data = element(confirmation, "SubjectConfirmationData");
        data.setAttribute("NotOnOrAfter", until);
        value.apply("recipient").ifPresent(text -> data.setAttribute("Recipient", text));
        value.apply("inResponseTo").ifPresent(text -> data.setAttribute("InResponseTo", text));
    }

    private void conditions(Element root, String now, String until) {
        var conditions = element(root, "Conditions");
        conditions.setAttribute("NotBefore", now);
        conditions.setAttribute("NotOnOrAfter", until);
        value.apply("audiences").ifPresent(audiences -> {
            var restriction = element(conditions, "AudienceRestriction");
            for (var audience : audiences.split(",", -1)) {
                element(restriction, "Audience").setTextContent(audience.strip());
            }
        });
    }

    private void statement(Element root, String now) {
        var statement = element(root, "AuthnStatement");
        statement.setAttribute("AuthnInstant", now);
        value.apply("sessionIndex").ifPresent(text -> statement.setAttribute("SessionIndex", text));
        var context = element(statement, "AuthnContext");
        element(context, "AuthnContextClassRef")
                .setTextContent(value.apply("authnContextClassRef").orElse(PASSWORD));
    }

    private void attributes(Element root) {
        var names = description.path("attributes").propertyNames();
        var uid = value.apply("uid");
        if (names.isEmpty() && uid.isEmpty()) {
            return;
        }
        var statement = element(root, "AttributeStatement");
        uid.ifPresent(text -> attribute(statement, "uid", text));
        names.forEach(name ->
                attribute(statement, name, value.apply("attributes." + name).orElse("")));
    }

    private void attribute(Element statement, String name, String text) {
        var attribute = element(statement, "Attribute");
        attribute.setAttribute("Name", name);
        element(attribute, "AttributeValue").setTextContent(text);
    }

    /** Enveloped and after the issuer, as the schema requires. */
    private static void sign(Element root, Element issuer, String key) {
        try {
            var factory = XMLSignatureFactory.getInstance("DOM");
            var transforms = List.of(
                    factory.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null),
                    factory.newTransform(CanonicalizationMethod.EXCLUSIVE, (TransformParameterSpec) null));
            var reference = factory.newReference(
                    '#' + root.getAttribute("ID"),
                    factory.newDigestMethod(DigestMethod.SHA256, null),
                    transforms,
                    null,
                    null);
            var info = factory.newSignedInfo(
                    factory.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null),
                    factory.newSignatureMethod(SignatureMethod.RSA_SHA256, null),
                    List.of(reference));
            var context = new DOMSignContext(Pem.privateKey(key), root, issuer.getNextSibling());
            context.setDefaultNamespacePrefix("ds");
            factory.newXMLSignature(info, null).sign(context);
        } catch (GeneralSecurityException | MarshalException | XMLSignatureException e) {
            throw TokenFailure.impossible(CODE, "The assertion cannot be signed with the given key: " + e.getMessage());
        }
    }

    private String text() {
        try {
            var transformer = TransformerFactory.newDefaultInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            var out = new StringWriter();
            transformer.transform(new DOMSource(document), new StreamResult(out));
            return out.toString();
        } catch (TransformerException e) {
            throw new IllegalStateException(e);
        }
    }
}
