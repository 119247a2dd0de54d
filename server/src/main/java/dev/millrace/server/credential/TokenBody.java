package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import java.net.URLEncoder;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** The body of a token call. */
record TokenBody(String contentType, byte[] bytes) {
    static TokenBody json(ObjectNode parameters) {
        return new TokenBody("application/json", Json.bytes(parameters));
    }

    static TokenBody form(ObjectNode parameters) {
        return new TokenBody(
                "application/x-www-form-urlencoded", pairs(parameters).getBytes(UTF_8));
    }

    static TokenBody xml(ObjectNode parameters) {
        return new TokenBody("text/xml", XmlBody.write(parameters).getBytes(UTF_8));
    }

    /** URL-encoded names and values. */
    static String pairs(ObjectNode parameters) {
        return parameters.properties().stream()
                .map(field ->
                        encode(field.getKey()) + '=' + encode(field.getValue().asString("")))
                .collect(Collectors.joining("&"));
    }

    static String encode(String text) {
        return URLEncoder.encode(text, UTF_8);
    }
}
