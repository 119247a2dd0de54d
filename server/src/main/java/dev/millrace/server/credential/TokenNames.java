package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Template;
import java.net.URLDecoder;
import java.net.URLEncoder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Replaces placeholders in the templates of token calls. */
final class TokenNames {
    private TokenNames() {}

    /** {@code connectionConfig.x} and bare {@code x}. */
    static Names config(ObjectNode config) {
        return Names.under("connectionConfig.", config).or(path -> Names.read(config, path));
    }

    /** {@code credentials.x} and bare {@code x}, then the values of the connection's configuration. */
    static Names credentials(ObjectNode credentials, ObjectNode config) {
        return Names.under("credentials.", credentials)
                .or(path -> Names.read(credentials, path))
                .or(config(config));
    }

    /** The URL of a token call. */
    static Url url(TokenContext context, String template, Names names, Moment moment) {
        boolean asIs = lists(context.definition().path("token_url_skip_encode"), "base_url");
        Names encoded = path -> {
            var value = names.value(path);
            return value == null || value.isEmpty() ? null : asIs ? value : encode(value);
        };
        var parsed = Template.of(template);
        var filled = parsed.resolve(encoded, moment)
                .orElseThrow(() -> TokenFailure.impossible(
                        "missing_token_url",
                        "The token URL " + template + " of provider "
                                + context.provider().name() + " needs values that this connection lacks: "
                                + parsed.variables()));
        try {
            return parse(template, filled);
        } catch (OutboundFailure e) {
            throw TokenFailure.impossible(
                    "missing_token_url",
                    "The token URL " + template + " of provider "
                            + context.provider().name() + " is not a valid URL with the values of this connection: "
                            + e.getMessage());
        }
    }

    /**
     * A value that is a whole address stands encoded at the beginning. Anywhere else it is never decoded: a value with a
     * slash in the middle of a host name would send the credentials to another host.
     */
    private static Url parse(String template, String filled) {
        try {
            return Url.parse(filled);
        } catch (OutboundFailure e) {
            if (!template.startsWith("${")) {
                throw e;
            }
            return Url.parse(URLDecoder.decode(filled, UTF_8));
        }
    }

    private static boolean lists(JsonNode list, String item) {
        return list.valueStream().anyMatch(node -> node.asString("").equals(item));
    }

    /** Encodes like JavaScript's {@code encodeURIComponent}. */
    static String encode(String text) {
        return URLEncoder.encode(text, UTF_8)
                .replace("+", "%20")
                .replace("%21", "!")
                .replace("%27", "'")
                .replace("%28", "(")
                .replace("%29", ")")
                .replace("%7E", "~");
    }
}
