package dev.millrace.server.webhook.scheme;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.WebhookRules;
import dev.millrace.server.provider.WebhookRules.Answer;
import dev.millrace.server.provider.WebhookValue;
import dev.millrace.server.provider.WebhookValue.Place;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A scheme that is declared in the {@code webhook} block of a definition. Thread-safe. */
final class DeclaredScheme implements WebhookScheme {
    private final WebhookRules rules;
    private final SignatureCheck signatures;
    private final UnaryOperator<List<JsonNode>> arrange;
    /** Whether the verification needs fields of the body. If not, the body is parsed only after it was verified. */
    private final boolean parsesFirst;

    DeclaredScheme(WebhookRules rules, Clock clock, GoogleTokens google) {
        this(rules, new SignatureCheck(rules.signatures(), clock, google), UnaryOperator.identity());
    }

    /** @param arrange selects the relevant events and sorts them */
    DeclaredScheme(WebhookRules rules, SignatureCheck signatures, UnaryOperator<List<JsonNode>> arrange) {
        this.rules = rules;
        this.signatures = signatures;
        this.arrange = arrange;
        parsesFirst = rules.parsesFirst();
    }

    /** Whether anyone who knows the URL could forge webhooks, whatever the settings of the integration. */
    boolean unsigned() {
        return signatures.isEmpty();
    }

    @Override
    public Reading read(ProviderCall call, IntegrationKeys keys) throws InterruptedException {
        var payload = parsesFirst ? Payload.of(call, rules.formField()) : Payload.NONE;
        var unverified = values(call, payload, keys);
        var early = Answers.first(rules.challenges().stream().filter(Answer::beforeSignature), unverified);
        if (early.isPresent()) {
            return new Reading.Answered(early.get());
        }
        boolean exempt = unverified.first(rules.unsigned()).isPresent();
        var outcome = signatures.check(unverified, keys);
        if (outcome.refusal().isPresent() && !exempt) {
            return new Reading.Refused(outcome.refusal().get());
        }
        return verified(call, keys, parsesFirst ? payload : Payload.of(call, rules.formField()), exempt, outcome);
    }

    private CallValues values(ProviderCall call, Payload payload, IntegrationKeys keys) {
        var values = CallValues.of(call, payload.body(), keys);
        return rules.decode().map(values::decoding).orElse(values);
    }

    private Reading verified(
            ProviderCall call, IntegrationKeys keys, Payload payload, boolean exempt, SignatureCheck.Outcome outcome) {
        var values = values(call, payload, keys);
        if (!payload.valid()) {
            return new Reading.Refused(WebhookRefusal.INVALID_BODY);
        }
        var answering = values.with(secret(keys), Optional.empty());
        var challenge =
                Answers.first(rules.challenges().stream().filter(answer -> !answer.beforeSignature()), answering);
        if (challenge.isPresent()) {
            return new Reading.Answered(challenge.get());
        }
        return exempt ? accepted(List.of(nameless(payload)), payload, values) : read(values, payload, outcome.later());
    }

    private Optional<String> secret(IntegrationKeys keys) {
        return rules.signatures().stream()
                .flatMap(rule -> SignatureCheck.secrets(rule, keys).stream())
                .findFirst();
    }

    /** An event without type, id and connection. The call was not verified, so it must not reach a function. */
    private static WebhookEvent nameless(Payload payload) {
        return new WebhookEvent(
                payload.orEmpty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Matches.NONE,
                Optional.empty());
    }

    private Reading read(CallValues values, Payload payload, Optional<ConnectionCheck> check) {
        var items = distinct(arrange.apply(items(values, payload)), values);
        var events = new ArrayList<WebhookEvent>();
        for (int i = 0; i < items.size(); i++) {
            var event = values.at(items.get(i));
            var match = match(event);
            if (match.isEmpty() && rules.connectionMissing().isPresent()) {
                return new Reading.Refused(
                        WebhookRefusal.missing(rules.connectionMissing().get()));
            }
            events.add(new WebhookEvent(
                    completed(items.get(i), event),
                    type(event),
                    headerType(event),
                    id(event, items.size(), i),
                    match.orElse(Matches.NONE),
                    check));
        }
        return accepted(events, payload, values);
    }

    private Reading accepted(List<WebhookEvent> events, Payload payload, CallValues values) {
        return new Reading.Accepted(
                events,
                rules.fromHeaders() ? headers(values.call()) : payload.body(),
                Answers.first(rules.responses().stream(), values).orElse(Reading.Response.SUCCESS),
                Optional.empty(),
                rules.unmatched().map(answer -> Answers.response(answer, values)));
    }

    /** The events of a call; may be empty. */
    private List<JsonNode> items(CallValues values, Payload payload) {
        if (rules.fromHeaders()) {
            return List.of(headers(values.call()));
        }
        if (rules.events().isEmpty()) {
            return List.of(payload.orEmpty());
        }
        for (var place : rules.events()) {
            var node = values.node(place);
            if (node.isArray()) {
                return node.valueStream().toList();
            }
            if (node.isObject()) {
                return List.of(node);
            }
        }
        return List.of();
    }

    static ObjectNode headers(ProviderCall call) {
        var headers = Json.object();
        call.headers().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(header -> headers.put(header.getKey(), header.getValue()));
        return headers;
    }

    /** Removes events whose values under {@code distinct} equal those of an earlier event. */
    private List<JsonNode> distinct(List<JsonNode> items, CallValues values) {
        if (rules.distinct().isEmpty()) {
            return items;
        }
        var seen = new HashSet<List<String>>();
        return items.stream()
                .filter(item -> {
                    var event = values.at(item);
                    var key = rules.distinct().stream()
                            .flatMap(value -> event.text(value).stream())
                            .toList();
                    return key.size() < rules.distinct().size() || seen.add(key);
                })
                .toList();
    }

    private Optional<Match> match(CallValues event) {
        return rules.connections().isEmpty()
                ? Optional.of(new Match.All())
                : Matches.of(rules.connections().get(), event);
    }

    private JsonNode completed(JsonNode item, CallValues event) {
        if (rules.added().isEmpty() || !(item instanceof ObjectNode object)) {
            return item;
        }
        var completed = object.deepCopy();
        rules.added().forEach((name, places) -> event.first(places).ifPresent(value -> completed.put(name, value)));
        return completed;
    }

    private Optional<String> type(CallValues event) {
        return event.first(
                rules.types().stream().filter(value -> value.header().isEmpty()).toList());
    }

    private Optional<String> headerType(CallValues event) {
        return event.first(rules.types().stream()
                .filter(value -> value.header().isPresent())
                .toList());
    }

    /**
     * The provider's id of the event. If a call has several events and the id is not part of the event, the number of
     * the event is appended.
     */
    private Optional<String> id(CallValues event, int events, int number) {
        for (WebhookValue value : rules.ids()) {
            var id = event.text(value);
            if (id.isPresent()) {
                boolean own = events < 2 || value.places().contains(Place.EVENT);
                return own ? id : id.map(call -> call + '#' + number);
            }
        }
        return Optional.empty();
    }
}
