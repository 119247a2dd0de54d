package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;

/** Finds faults in the {@code proxy} block of a definition. */
final class ProxyCheck {
    private static final Set<String> PAGINATION = Set.of("cursor", "link", "offset");
    private static final List<String> URLS = List.of("authorization_url", "token_url", "refresh_url");

    private final List<String> faults = new ArrayList<>();

    private ProxyCheck() {}

    static List<String> faults(JsonNode definition) {
        var check = new ProxyCheck();
        URLS.forEach(key -> check.template(key, definition.path(key)));
        if (definition.has("proxy")) {
            check.proxy(definition.get("proxy"));
        }
        return check.faults;
    }

    private void proxy(JsonNode proxy) {
        if (!proxy.isObject()) {
            faults.add("proxy: must be a map");
            return;
        }
        if (!proxy.path("base_url").isString()) {
            faults.add("proxy.base_url: must be a text");
        }
        template("proxy.base_url", proxy.path("base_url"));
        texts("proxy.headers", proxy.path("headers"));
        texts("proxy.query", proxy.path("query"));
        retry(proxy.path("retry"));
        var type = proxy.path("paginate").path("type").asString("");
        if (proxy.has("paginate") && !PAGINATION.contains(type)) {
            faults.add("proxy.paginate.type: '" + type + "' is none of " + PAGINATION);
        }
        if (proxy.has("verification")) {
            verification(proxy.get("verification"));
        }
    }

    private void verification(JsonNode verification) {
        var endpoints = verification.path("endpoints");
        if (!endpoints.isArray() || endpoints.isEmpty()) {
            faults.add("proxy.verification.endpoints: must be a list of paths");
        }
        endpoints.forEach(endpoint -> template("proxy.verification.endpoints", endpoint));
        if (!Set.of("GET", "POST").contains(verification.path("method").asString("GET"))) {
            faults.add("proxy.verification.method: must be GET or POST");
        }
        texts("proxy.verification.headers", verification.path("headers"));
    }

    private void retry(JsonNode retry) {
        if (!retry.isMissingNode() && !retry.isObject()) {
            faults.add("proxy.retry: must be a map");
        }
        retry.path("error_code").forEach(code -> {
            if (RetryRules.Range.parse(code.asString("")).isEmpty()) {
                faults.add("proxy.retry.error_code: '" + code.asString("") + "' is not like 429, 5xx or 500-503");
            }
        });
        var value = retry.path("in_body").path("value");
        try {
            if (value.isString()) {
                EcmaPattern.compile(RetryRules.unslashed(value.stringValue()));
            }
        } catch (PatternSyntaxException e) {
            faults.add("proxy.retry.in_body.value: " + e.getDescription());
        }
    }

    private void texts(String at, JsonNode map) {
        if (!map.isMissingNode() && !map.isObject()) {
            faults.add(at + ": must be a map of texts");
        }
        map.properties().forEach(entry -> {
            if (!entry.getValue().isString()) {
                faults.add(at + '.' + entry.getKey() + ": must be a text");
            }
            template(at + '.' + entry.getKey(), entry.getValue());
        });
    }

    private void template(String at, JsonNode text) {
        var written = text.asString("");
        for (int brace = written.indexOf('{'); brace >= 0; brace = written.indexOf('{', brace + 1)) {
            if (brace == 0 || written.charAt(brace - 1) != '$') {
                faults.add(at + ": has a '{' without '$'");
                return;
            }
        }
    }
}
