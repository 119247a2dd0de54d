package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds faults in one definition. Unknown keys are not faults. */
final class DefinitionCheck {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]+");
    private static final Pattern FIELD = Pattern.compile("[a-zA-Z_.-]+");
    private static final Pattern SECRET_FIELD = Pattern.compile("[a-zA-Z_]+");
    private static final List<String> SIGNATURES = List.of("HmacMD5", "HmacSHA1", "HmacSHA256", "HmacSHA512");
    private static final Set<String> FORMATS = Set.of("hostname", "uri", "uuid", "email");
    private static final Set<String> WITH_CREDENTIALS =
            Set.of("API_KEY", "BASIC", "SIGNATURE", "TWO_STEP", "JWT", "OAUTH2_CC", "AWS_SIGV4");
    private static final List<String> TEXTS = List.of(
            "docs",
            "authorization_url",
            "refresh_url",
            "scope_separator",
            "body_format",
            "authorization_method",
            "token_request_auth_method",
            "webhook_routing_script",
            "post_connection_script",
            "credentials_verification_script");
    /** Lists of values that are added to {@code connection_config} without a declared field. */
    private static final List<String> METADATA_LISTS = List.of(
            "token_response_metadata",
            "redirect_uri_metadata",
            "webhook_response_metadata",
            "connection_configuration");
    /** Modes that add keys of their own to {@code connection_config} without declaring them. */
    private static final Set<String> RELAXED = Set.of("MCP_OAUTH2_GENERIC", "AWS_SIGV4", "APP", "CUSTOM");

    private final String name;
    private final ObjectNode written;
    private final ObjectNode definition;
    private final List<String> faults = new ArrayList<>();

    private DefinitionCheck(String name, ObjectNode written, ObjectNode definition) {
        this.name = name;
        this.written = written;
        this.definition = definition;
    }

    /**
     * @param written its own keys; inherited keys of another mode have no effect
     * @param definition after alias resolution
     */
    static List<String> faults(String name, ObjectNode written, ObjectNode definition) {
        var check = new DefinitionCheck(name, written, definition);
        check.run();
        return check.faults;
    }

    private void run() {
        if (!NAME.matcher(name).matches()) {
            faults.add("the name may hold letters, digits, '-' and '_' only");
        }
        if (definition.path("display_name").asString("").isEmpty()) {
            faults.add("display_name: must be a text");
        }
        TEXTS.forEach(key -> text(definition, key, key));
        METADATA_LISTS.forEach(this::textList);
        textList("webhook_allowed_query_params");
        authMode();
        faults.addAll(ProxyCheck.faults(definition));
        fields("connection_config", FIELD);
        fields("integration_config", FIELD);
        fields("credentials", SECRET_FIELD);
        fields("assertion_option", SECRET_FIELD);
        steps("post_connection");
        steps("pre_connection_deletion");
        if (definition.has("webhook")) {
            WebhookReader.read(definition.get("webhook"), faults);
        }
        if (definition.has("webhook_user_defined_secret")
                && !definition.get("webhook_user_defined_secret").isBoolean()) {
            faults.add("webhook_user_defined_secret: must be true or false");
        }
        tokenRules();
        if (faults.isEmpty()) {
            declared();
        }
    }

    private void tokenRules() {
        var rules = definition.path("token_rules");
        if (!rules.isMissingNode() && !rules.isObject()) {
            faults.add("token_rules: must be a map");
        }
        var algorithm = rules.path("sign").path("algorithm").asString("HmacSHA256");
        if (!SIGNATURES.contains(algorithm)) {
            faults.add("token_rules.sign.algorithm: '" + algorithm + "' is none of " + SIGNATURES);
        }
        if (definition.has("installation_webhook")
                && !definition.path("installation_webhook").path("match").isObject()) {
            faults.add("installation_webhook.match: must be a map; by it the login is found that waits");
        }
    }

    private void authMode() {
        var mode = definition.path("auth_mode").asString("");
        try {
            AuthMode.valueOf(mode);
        } catch (IllegalArgumentException e) {
            faults.add("auth_mode: '" + mode + "' is none of " + List.of(AuthMode.values()));
            return;
        }
        if (mode.equals("API_KEY") && !definition.path("credentials").has("apiKey")) {
            faults.add("credentials.apiKey: must be declared because auth_mode is API_KEY");
        }
        if (written.has("credentials") && !WITH_CREDENTIALS.contains(mode)) {
            faults.add("credentials: not possible with auth_mode " + mode);
        }
        var proxy = definition.path("proxy");
        if (proxy.has("verification") && definition.has("credentials_verification_script")) {
            faults.add("proxy.verification: not possible besides credentials_verification_script");
        }
    }

    private void text(JsonNode parent, String key, String shown) {
        if (parent.has(key) && !parent.get(key).isString()) {
            faults.add(shown + ": must be a text");
        }
    }

    private void textList(String key) {
        var list = definition.path(key);
        if (!list.isMissingNode() && (!list.isArray() || list.valueStream().anyMatch(item -> !item.isString()))) {
            faults.add(key + ": must be a list of texts");
        }
    }

    /** Calls that are made as connections come and go. */
    private void steps(String block) {
        var node = definition.path(block);
        if (node.isMissingNode()) {
            return;
        }
        if (!node.path("requests").isArray()) {
            faults.add(block + ".requests: must be a list of calls");
        }
        for (int i = 0; i < node.path("requests").size(); i++) {
            if (!node.path("requests").get(i).path("endpoint").isString()) {
                faults.add(block + ".requests." + i + ".endpoint: must be a text");
            }
        }
        for (var value : node.path("connection_config").properties()) {
            if (!value.getValue().isString()) {
                faults.add(block + ".connection_config." + value.getKey() + ": must be a text");
            }
        }
    }

    private void fields(String block, Pattern names) {
        var node = definition.path(block);
        if (node.isMissingNode()) {
            return;
        }
        if (!node.isObject()) {
            faults.add(block + ": must be a map of fields");
            return;
        }
        for (var field : node.properties()) {
            var at = block + '.' + field.getKey();
            if (!names.matcher(field.getKey()).matches()) {
                faults.add(at + ": the name must match ^" + names.pattern() + "$");
            }
            field(at, field.getValue());
        }
    }

    private void field(String at, JsonNode field) {
        if (!field.path("type").asString("").equals("string")) {
            faults.add(at + ".type: must be string");
        }
        for (var key : List.of("title", "description")) {
            if (!field.path(key).isString()) {
                faults.add(at + '.' + key + ": must be a text");
            }
        }
        var format = field.path("format").asString("");
        if (!format.isEmpty() && !FORMATS.contains(format)) {
            faults.add(at + ".format: '" + format + "' is none of " + FORMATS);
        }
        if (field.has("enum") && !field.get("enum").isArray()) {
            faults.add(at + ".enum: must be a list");
        }
        try {
            if (field.has("pattern")) {
                EcmaPattern.compile(field.get("pattern").asString(""));
            }
        } catch (PatternSyntaxException e) {
            faults.add(at + ".pattern: '" + field.get("pattern").asString("") + "' is not a valid regular expression ("
                    + e.getDescription() + "); correct it, or remove the key");
        }
    }

    /** Every connection value that is used must have a source. */
    private void declared() {
        if (RELAXED.contains(definition.path("auth_mode").asString(""))) {
            return;
        }
        var known = new ArrayList<>(definition.path("connection_config").propertyNames());
        known.addAll(
                definition.path("post_connection").path("connection_config").propertyNames());
        known.addAll(definition.path("installation_webhook").path("keep").propertyNames());
        METADATA_LISTS.forEach(list -> definition.path(list).forEach(item -> known.add(item.asString(""))));
        var announced = definition.path("proxy").path("connection_config");
        known.addAll(announced.propertyNames());
        announced.forEach(item -> known.add(item.asString("")));
        for (var property : definition.properties()) {
            walk(property.getKey(), property.getValue(), known);
        }
    }

    private void walk(String at, JsonNode node, List<String> known) {
        if (node.isString() && node.stringValue().contains("${")) {
            for (var variable : Template.of(node.stringValue()).variables()) {
                if (variable.startsWith("connectionConfig.")
                        && !known.contains(variable.substring("connectionConfig.".length()))) {
                    faults.add(at + ": ${" + variable + "} is not declared in connection_config");
                }
            }
        }
        if (node.isObject()) {
            node.properties().forEach(child -> walk(at + '.' + child.getKey(), child.getValue(), known));
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            walk(at + '.' + i, node.get(i), known);
        }
    }
}
