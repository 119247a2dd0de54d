package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Converts XML to JSON: elements become fields, attributes become fields whose names begin with {@code $}, and text
 * beside them becomes {@code #text}.
 */
final class XmlBody {
    private static final String ATTRIBUTE = "$";
    private static final String TEXT = "#text";

    private XmlBody() {}

    static String write(ObjectNode object) {
        var out = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        content(object, out);
        return out.toString();
    }

    private static void content(JsonNode node, StringBuilder out) {
        if (!(node instanceof ObjectNode object)) {
            out.append(escape(node.asString("")));
            return;
        }
        for (var field : object.properties()) {
            if (field.getKey().equals(TEXT)) {
                out.append(escape(field.getValue().asString("")));
            } else if (!field.getKey().startsWith(ATTRIBUTE)) {
                elements(field, out);
            }
        }
    }

    private static void elements(Map.Entry<String, JsonNode> field, StringBuilder out) {
        if (field.getValue() instanceof ArrayNode list) {
            list.forEach(item -> element(field.getKey(), item, out));
        } else {
            element(field.getKey(), field.getValue(), out);
        }
    }

    private static void element(String name, JsonNode value, StringBuilder out) {
        out.append('<').append(name);
        for (var field : value.properties()) {
            if (field.getKey().startsWith(ATTRIBUTE)) {
                out.append(' ')
                        .append(field.getKey().substring(ATTRIBUTE.length()))
                        .append("=\"")
                        .append(escape(field.getValue().asString("")))
                        .append('"');
            }
        }
        out.append('>');
        content(value, out);
        out.append("</").append(name).append('>');
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** Empty when the text is not XML. */
    static Optional<ObjectNode> parse(byte[] xml) {
        try {
            var factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null);
            var root = builder.parse(new ByteArrayInputStream(xml)).getDocumentElement();
            var object = Json.object();
            object.set(root.getTagName(), read(root));
            return Optional.of(object);
        } catch (SAXException | IOException _) {
            return Optional.empty();
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode read(Element element) {
        var object = Json.object();
        var attributes = element.getAttributes();
        for (int i = 0; i < attributes.getLength(); i++) {
            object.put(
                    ATTRIBUTE + attributes.item(i).getNodeName(),
                    attributes.item(i).getNodeValue());
        }
        var text = new StringBuilder();
        for (var child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element nested) {
                add(object, nested.getTagName(), read(nested));
            } else if (child.getNodeValue() != null) {
                text.append(child.getNodeValue());
            }
        }
        var own = text.toString().strip();
        if (object.isEmpty()) {
            return JsonNodeFactory.instance.stringNode(own);
        }
        return own.isEmpty() ? object : object.put(TEXT, own);
    }

    private static void add(ObjectNode object, String name, JsonNode value) {
        switch (object.get(name)) {
            case null -> object.set(name, value);
            case ArrayNode list -> list.add(value);
            case JsonNode first -> object.set(name, Json.array().add(first).add(value));
        }
    }
}
