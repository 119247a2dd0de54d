package dev.millrace.server.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Template;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Builds the address at the provider where a person logs in. */
final class AuthorizationUrl {
    private static final String SCOPE = "scope";
    private static final String REMOVED = "undefined";

    private final Provider provider;
    private final Names names;
    private final Moment moment;
    private Optional<String> address = Optional.empty();
    private final Map<String, String> query = new LinkedHashMap<>();

    /** @param config of the new connection */
    AuthorizationUrl(Provider provider, ObjectNode config, Moment moment) {
        this.provider = provider;
        this.names = Names.under("connectionConfig.", config);
        this.moment = moment;
    }

    /** At an address that no template is in. */
    static AuthorizationUrl at(Provider provider, String address, Moment moment) {
        var url = new AuthorizationUrl(provider, Json.object(), moment);
        url.address = Optional.of(address);
        return url;
    }

    AuthorizationUrl with(String name, String value) {
        query.put(name, value);
        return this;
    }

    AuthorizationUrl withScopes(List<String> scopes) {
        return with(SCOPE, String.join(text("scope_separator", " "), scopes));
    }

    /** @throws AuthError when the definition needs a value that is missing */
    AuthorizationUrl withDefined() {
        provider.block("authorization_params")
                .ifPresent(parameters -> parameters
                        .properties()
                        .forEach(p -> query.put(p.getKey(), filled("authorization_params", p.getValue(), names))));
        return this;
    }

    /** Of PKCE. */
    AuthorizationUrl withChallenge(String verifier) {
        return with("code_challenge", challenge(verifier)).with("code_challenge_method", "S256");
    }

    /** @param own win over what is there; {@code undefined} removes one */
    AuthorizationUrl withOwn(ObjectNode own) {
        own.properties().forEach(p -> set(p.getKey(), p.getValue().asString("")));
        return this;
    }

    /**
     * The whole address.
     *
     * @throws AuthError when the definition needs a value that is missing
     */
    String build() {
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

    private String filled(String where, JsonNode template, Names values) {
        var text = template.asString("");
        return Template.of(text)
                .resolve(values, moment)
                .orElseThrow(() -> new AuthError(
                        "url_param_err",
                        where + " of provider " + provider.name() + " needs a value that was not given: " + text));
    }

    /** Takes the query apart. */
    private String discovered(Url url) {
        if (url.query() != null) {
            for (var pair : url.query().split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    query.putIfAbsent(
                            URLDecoder.decode(pair.substring(0, equals), UTF_8),
                            URLDecoder.decode(pair.substring(equals + 1), UTF_8));
                }
            }
        }
        return url.origin() + url.path();
    }

    /** Origin and path only. */
    private String base() {
        if (address.isPresent()) {
            try {
                return discovered(Url.parse(address.get()));
            } catch (OutboundFailure | IllegalArgumentException e) {
                throw new AuthError(
                        "url_param_err",
                        "The authorization_endpoint of the authorization server is not a valid URL: " + e.getMessage());
            }
        }
        var node = provider.definition().path("authorization_url");
        if (!node.isString()) {
            var own = node.path(provider.authMode().name());
            node = own.isString() ? own : node.path("OAUTH2");
        }
        boolean asIs = skipsEncoding("base_url");
        Names encoded = path -> {
            var value = names.value(path);
            return value == null || value.isEmpty() ? null : asIs ? value : encode(value);
        };
        var filled = filled("authorization_url", node, encoded);
        try {
            // Only a value that the address begins with may be a whole address itself.
            var url = Url.parse(
                    node.asString("").startsWith("${") ? URLDecoder.decode(filled.replace("+", "%2B"), UTF_8) : filled);
            return url.origin() + url.path();
        } catch (OutboundFailure | IllegalArgumentException e) {
            throw new AuthError(
                    "url_param_err",
                    "The authorization_url of provider " + provider.name() + " is no address: " + e.getMessage());
        }
    }

    private boolean skipsEncoding(String what) {
        return provider.definition()
                .path("authorization_url_skip_encode")
                .valueStream()
                .anyMatch(item -> item.asString("").equals(what));
    }

    private String fragment() {
        var fragment = text("authorization_url_fragment", "");
        return fragment.isEmpty() ? "" : '#' + fragment;
    }

    private String encoded() {
        boolean asIs = skipsEncoding("scopes");
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
