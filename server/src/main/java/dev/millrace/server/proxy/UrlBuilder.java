package dev.millrace.server.proxy;

import dev.millrace.server.credential.AwsRole;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.ProxyRules;
import dev.millrace.server.provider.Template;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Builds the URL of a call. */
final class UrlBuilder {
    private final Call call;
    private final Target target;
    private final ProxyRules rules;
    private final Names names;
    private final Moment moment;

    UrlBuilder(Call call, Target target, Names names, Moment moment) {
        this.call = call;
        this.target = target;
        this.rules = target.provider().proxy();
        this.names = names;
        this.moment = moment;
    }

    Url build() {
        var url = withParams(call.followsLink() && absolute(call.endpoint()) ? link() : join(base(), endpoint()));
        for (var entry : rules.query()) {
            var value = entry.value().resolve(names, moment);
            if (value.isPresent()) {
                url = Urls.set(url, entry.name(), value.get());
            }
        }
        var key = GenericKey.of(target);
        if (key.isPresent() && key.get().inQuery()) {
            url = Urls.set(url, key.get().name(), key.get().value(names, moment));
        }
        return Url.parse(url);
    }

    private static boolean absolute(String endpoint) {
        return endpoint.startsWith("https://") || endpoint.startsWith("http://");
    }

    /**
     * A link from a response. The request contains credentials, so the link must lead to the same provider and must not
     * be less secure.
     */
    private String link() {
        var own = Url.parse(base());
        var to = Url.parse(safer(own, call.endpoint()));
        boolean same = own.scheme().equals(to.scheme())
                && own.effectivePort() == to.effectivePort()
                && Urls.sameOwner(own.host(), to.host());
        if (!same) {
            throw OutboundFailure.refused(
                    "base_url_override_not_allowed",
                    "The link to the next page leads to " + to.origin() + ", which does not belong to "
                            + own.origin()
                            + ": it is not followed, because it would get the connection's credentials.");
        }
        return to.toString();
    }

    /** Servers behind a proxy that terminates TLS often create http links to themselves. */
    private static String safer(Url own, String link) {
        boolean less = own.secure() && link.startsWith("http://");
        return less && own.effectivePort() == 443 ? "https" + link.substring("http".length()) : link;
    }

    private String base() {
        if (!call.baseUrlOverride().isEmpty()) {
            return safely(call.baseUrlOverride());
        }
        var own = target.provider().integrationConfig().isPresent()
                ? target.custom().path("baseUrl").asString("")
                : "";
        if (!own.isEmpty()) {
            return own;
        }
        var ofRole = target.connectionConfig().path("base_url").asString("");
        if (target.credentials() instanceof AwsRole && !ofRole.isEmpty()) {
            return ofRole;
        }
        var provider = target.provider().name();
        var template = rules.baseUrl()
                .orElseThrow(() -> OutboundFailure.refused("unsupported_provider", "unsupported_provider"));
        if (template.constant()) {
            return template.toString();
        }
        return side(template)
                .resolve(names, moment)
                .orElseThrow(() -> OutboundFailure.refused(
                        "missing_api_url",
                        "The base URL of provider '" + provider + "', " + template
                                + ", needs a value which the connection lacks."));
    }

    /** Of {@code a || b}, a if its first connection value is present, else b. */
    private Template side(Template template) {
        var sides = template.sides();
        if (sides.size() == 1) {
            return template;
        }
        var first = template.firstVariable(path -> path.startsWith("connectionConfig."));
        if (first.isEmpty()) {
            return template;
        }
        var value = names.value(first.get());
        return sides.get(value == null || value.isEmpty() ? 1 : 0);
    }

    private String endpoint() {
        var endpoint = call.endpoint();
        if (call.baseUrlOverride().isEmpty() && rules.baseUrl().isPresent()) {
            endpoint = endpoint.replace(rules.baseUrl().get().toString(), "");
        }
        return safely(endpoint);
    }

    /**
     * Callers may use only names without secrets; with a base URL of their own they would otherwise obtain credentials.
     */
    private String safely(String text) {
        return text.contains("${") ? Template.plain(text).render(target.safeNames(), moment) : text;
    }

    private static String join(String base, String endpoint) {
        var trunk = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        var path = endpoint;
        if (path.startsWith(trunk)
                && (path.length() == trunk.length() || "/?#".indexOf(path.charAt(trunk.length())) >= 0)) {
            path = path.substring(trunk.length());
        }
        int start = 0;
        while (start < path.length() && path.charAt(start) == '/') {
            start++;
        }
        if (start == path.length()) {
            return trunk;
        }
        // An endpoint that is only a query is appended to the base URL itself.
        return path.charAt(start) == '?' ? trunk + path.substring(start) : trunk + '/' + path.substring(start);
    }

    private String withParams(String url) {
        Optional<JsonNode> params = call.params();
        if (params.isEmpty() || params.get().isNull()) {
            return url;
        }
        if (params.get().isString()) {
            var text = params.get().stringValue();
            var query = text.startsWith("?") ? text.substring(1) : text;
            if (url.contains("?")) {
                throw OutboundFailure.refused(
                        "invalid_query_params",
                        "Give query parameters either in the endpoint or as text in params, not in both.");
            }
            return query.isEmpty() ? url : url + '?' + query;
        }
        var with = url;
        for (var param : params.get().properties()) {
            if (!param.getValue().isNull()) {
                with = Urls.set(with, param.getKey(), text(param.getValue()));
            }
        }
        return with;
    }

    private static String text(JsonNode value) {
        if (value.isArray()) {
            return value.valueStream().map(UrlBuilder::text).collect(Collectors.joining(","));
        }
        return value.isValueNode() ? value.asString("") : value.toString();
    }
}
