package dev.millrace.server.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Template;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Builds the authorisation URL of a provider for an OAuth 2 client. */
final class AuthorizationUrl {
    private static final String SCOPE = "scope";
    private static final String REMOVED = "undefined";

    private final Provider provider;
    private final Names names;
    private final Moment moment;
    private final Map<String, String> query = new LinkedHashMap<>();

    /** @param config of the new connection */
    AuthorizationUrl(Provider provider, ObjectNode config, Moment moment) {
        this.provider = provider;
        this.names = Names.under("connectionConfig.", config);
        this.moment = moment;
    }

    /**
     * The complete URL.
     *
     * @param own parameters that override those of the definition; {@code undefined} removes one
     * @throws AuthError when a value that the definition needs is missing
     */
    String build(
            String clientId, String redirectUri, List<String> scopes, String state, String verifier, ObjectNode own) {
        query.put("response_type", "code");
        query.put("client_id", clientId);
        query.put("redirect_uri", redirectUri);
        query.put(SCOPE, String.join(text("scope_separator", " "), scopes));
        query.put("state", state);
        provider.block("authorization_params")
                .ifPresent(parameters -> parameters
                        .properties()
                        .forEach(p -> query.put(p.getKey(), filled("authorization_params", p.getValue()))));
        if (!verifier.isEmpty()) {
            query.put("code_challenge", challenge(verifier));
            query.put("code_challenge_method", "S256");
        }
        own.properties().forEach(p -> set(p.getKey(), p.getValue().asString("")));
        if (provider.definition().path("authorization_url_skip_empty").asBoolean(false)) {
            query.values().removeIf(String::isEmpty);
        }
        return replaced(base() + fragment() + '?' + encoded());
    }

    private void set(String name, String value) {
        if (value.equals(REMOVED)) {
            query.remove(name);
        } else {
            query.put(name, value);
        }
    }

    private String text(String key, String otherwise) {
        return provider.definition().path(key).asString(otherwise);
    }

    private String filled(String where, JsonNode template) {
        var text = template.asString("");
        return Template.of(text)
                .resolve(names, moment)
                .orElseThrow(() -> new AuthError(
                        "url_param_err",
                        where + " of provider " + provider.name() + " needs a value that was not given: " + text));
    }

    /** Origin and path only. */
    private String base() {
        var node = provider.definition().path("authorization_url");
        if (!node.isString()) {
            node = node.path("OAUTH2");
        }
        var filled = filled("authorization_url", node);
        try {
            var url = Url.parse(filled);
            return url.origin() + url.path();
        } catch (OutboundFailure e) {
            throw new AuthError(
                    "url_param_err",
                    "The authorization_url of provider " + provider.name() + " is no address: " + e.getMessage());
        }
    }

    private String fragment() {
        var fragment = text("authorization_url_fragment", "");
        return fragment.isEmpty() ? "" : '#' + fragment;
    }

    private String encoded() {
        boolean asIs = provider.definition()
                .path("authorization_url_skip_encode")
                .valueStream()
                .anyMatch(item -> item.asString("").equals("scopes"));
        var scope = query.get(SCOPE);
        if (asIs) {
            query.remove(SCOPE);
        }
        var joined = query.entrySet().stream()
                .map(parameter -> encode(parameter.getKey()) + '=' + encode(parameter.getValue()))
                .collect(Collectors.joining("&"));
        return asIs && scope != null ? joined + "&scope=" + scope : joined;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    private String replaced(String url) {
        var result = url;
        for (var replacement :
                provider.definition().path("authorization_url_replacements").properties()) {
            int at = result.indexOf(replacement.getKey());
            if (at >= 0) {
                result = result.substring(0, at)
                        + replacement.getValue().asString("")
                        + result.substring(at + replacement.getKey().length());
            }
        }
        return result;
    }

    /** The PKCE challenge by SHA-256 (RFC 7636). */
    private static String challenge(String verifier) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
