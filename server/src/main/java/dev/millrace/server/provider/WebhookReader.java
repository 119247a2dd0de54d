package dev.millrace.server.provider;

import dev.millrace.server.provider.WebhookRules.Answer;
import dev.millrace.server.provider.WebhookRules.Find;
import dev.millrace.server.provider.WebhookRules.Target;
import dev.millrace.server.provider.WebhookRules.Transform;
import dev.millrace.server.provider.WebhookRules.When;
import dev.millrace.server.provider.WebhookValue.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reads the {@code webhook} block of a definition and reports its faults. */
public final class WebhookReader {
    private static final Set<Place> CALL =
            Set.of(Place.BODY, Place.EVENT, Place.HEADER, Place.QUERY, Place.DECODED, Place.EMAIL_HASH);
    private static final Set<Place> BODY = Set.of(Place.BODY);
    private static final Set<Place> ANSWER = Set.of(Place.BODY, Place.HEADER, Place.QUERY, Place.HMAC);
    private static final List<String> MISSING = List.of(
            "webhook_missing_connection_id", "webhook_missing_nango_connection_id", "webhook_missing_shop_domain");

    private WebhookReader() {}

    /** Reads a block that was already checked. */
    public static WebhookRules read(JsonNode block) {
        return read(block, new ArrayList<>());
    }

    /**
     * Reads a block and checks it.
     *
     * @param faults receives the faults, each with its location and how to fix it
     */
    public static WebhookRules read(JsonNode block, List<String> faults) {
        var root = new WebhookBlock("webhook", block, faults);
        var fromHeaders = root.choice("payload", Payload.BODY, List.of(Payload.values())) == Payload.HEADERS;
        var connections = connections(root);
        var missing = root.text("connection_missing");
        missing.filter(code -> !MISSING.contains(code))
                .ifPresent(code -> root.fault("connection_missing", "'" + code + "' is none of " + MISSING));
        var rules = new WebhookRules(
                fromHeaders,
                root.text("form_field"),
                root.value("decode", BODY),
                root.each("signature", WebhookSignatureReader::read),
                root.values("unsigned", Set.of(Place.BODY)),
                root.each("challenges", WebhookReader::challenge),
                root.values("events", BODY),
                root.values("type", CALL),
                root.values("id", CALL),
                root.values("distinct", CALL),
                added(root),
                connections,
                missing,
                root.each("responses", WebhookReader::answer),
                root.each("unmatched", WebhookReader::bare).stream().findFirst());
        root.end();
        return rules;
    }

    private enum Payload {
        BODY,
        HEADERS
    }

    private static Map<String, List<WebhookValue>> added(WebhookBlock root) {
        var added = new LinkedHashMap<String, List<WebhookValue>>();
        if (root.has("add")) {
            var block = root.child("add");
            root.any("add").propertyNames().forEach(name -> added.put(name, block.values(name, CALL)));
        }
        return added;
    }

    private static Optional<List<Find>> connections(WebhookBlock root) {
        var node = root.any("connections");
        if (node.isString() && node.stringValue().equals("all")) {
            return Optional.empty();
        }
        if (!node.isArray() && !node.isObject()) {
            root.fault(
                    "connections",
                    "must be 'all' or a list of rules: - { find: connection_id, by: body.connectionId }");
        }
        return Optional.of(
                node.isArray() || node.isObject() ? root.each("connections", WebhookReader::find) : List.of());
    }

    private static Find find(WebhookBlock rule) {
        var name = rule.text("find").orElse("");
        int dot = name.indexOf('.');
        var first = dot < 0 ? name : name.substring(0, dot);
        var key = dot < 0 ? "" : name.substring(dot + 1);
        var target = Target.CONNECTION_ID;
        boolean valid = name.equals("connection_id");
        for (var keyed : List.of(Target.METADATA, Target.CONNECTION_CONFIG)) {
            if (first.equals(keyed.name().toLowerCase(Locale.ROOT)) && !key.isEmpty()) {
                target = keyed;
                valid = true;
            }
        }
        if (!valid) {
            rule.fault("find", "'" + name + "' must be connection_id, metadata.KEY or connection_config.KEY");
        }
        var by = rule.values("by", CALL);
        if (by.isEmpty()) {
            rule.fault("by", "must name the value of the webhook, for example body.account.id");
        }
        return new Find(
                target, key, by, pattern(rule), rule.choice("transform", Transform.NONE, List.of(Transform.values())));
    }

    private static Optional<Pattern> pattern(WebhookBlock rule) {
        var text = rule.text("pattern");
        try {
            var pattern = text.map(EcmaPattern::compile);
            if (pattern.isPresent() && pattern.get().matcher("").groupCount() == 0) {
                rule.fault("pattern", "'" + text.get() + "' must have a group ( ) around the value");
                return Optional.empty();
            }
            return pattern;
        } catch (PatternSyntaxException e) {
            rule.fault(
                    "pattern",
                    "'" + text.orElse("") + "' is not a valid regular expression (" + e.getDescription() + ")");
            return Optional.empty();
        }
    }

    private static Answer challenge(WebhookBlock block) {
        var answer = answer(block);
        if (answer.when().isEmpty()) {
            block.fault("when", "must say which calls are challenges: { value: body.type, equals: challenge }");
        }
        return answer;
    }

    private static Answer answer(WebhookBlock block) {
        boolean early = block.flag("before_signature");
        var when = block.has("when")
                ? block.each("when", WebhookReader::when).stream().findFirst()
                : Optional.<When>empty();
        return answer(block, when, early);
    }

    /** A response without a condition. */
    private static Answer bare(WebhookBlock block) {
        return answer(block, Optional.empty(), false);
    }

    private static Answer answer(WebhookBlock block, Optional<When> when, boolean early) {
        var places = early ? Set.of(Place.BODY, Place.HEADER, Place.QUERY) : ANSWER;
        var body = block.any("body");
        if (!body.isMissingNode() && !body.isString() && !body.isObject()) {
            block.fault("body", "must be a text or a map");
        }
        texts(block, body, places);
        var headers = new LinkedHashMap<String, WebhookValue>();
        for (var header : block.any("headers").properties()) {
            block.checked(
                            "headers",
                            header.getValue().asString(""),
                            WebhookValue.template(header.getValue().asString("")),
                            places)
                    .ifPresent(value -> headers.put(header.getKey(), value));
        }
        var usual = body.isObject() ? "application/json" : body.isString() ? "text/plain" : "";
        return new Answer(
                when,
                (int) block.number("status", 200, 200, 599),
                block.text("content_type").orElse(usual),
                body.isMissingNode() ? JsonNodeFactory.instance.stringNode("") : body,
                headers,
                early);
    }

    private static void texts(WebhookBlock block, JsonNode body, Set<Place> places) {
        if (body.isString()) {
            block.checked("body", body.stringValue(), WebhookValue.template(body.stringValue()), places);
        }
        body.forEach(child -> texts(block, child, places));
    }

    private static When when(WebhookBlock block) {
        var value = block.value("value", Set.of(Place.BODY, Place.HEADER, Place.QUERY));
        if (value.isEmpty()) {
            block.fault("value", "must name a value of the webhook, for example body.type");
        }
        return new When(value.orElseGet(() -> new WebhookValue(List.of())), block.text("equals"));
    }
}
