package dev.millrace.server.webhook.scheme;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.WebhookRules.Answer;
import dev.millrace.server.provider.WebhookRules.When;
import dev.millrace.server.provider.WebhookValue;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Builds the responses that a definition declares. */
final class Answers {
    private Answers() {}

    /** Builds the first response whose condition is met; empty if there is none. */
    static Optional<Reading.Response> first(Stream<Answer> answers, CallValues values) {
        return answers.filter(
                        answer -> answer.when().map(when -> isMet(when, values)).orElse(true))
                .findFirst()
                .map(answer -> response(answer, values));
    }

    private static boolean isMet(When when, CallValues values) {
        var value = values.text(when.value());
        return when.equal().isPresent() ? value.equals(when.equal()) : value.isPresent();
    }

    static Reading.Response response(Answer answer, CallValues values) {
        var headers = new LinkedHashMap<String, String>();
        answer.headers()
                .forEach((name, value) ->
                        values.text(value).filter(Answers::printable).ifPresent(text -> headers.put(name, text)));
        var body = answer.body().isString()
                ? text(answer.body().stringValue(), values)
                : Json.text(completed(answer.body(), values));
        return new Reading.Response(answer.status(), answer.contentType(), body, headers);
    }

    /** Whether a header can contain the text: printable ASCII only. */
    private static boolean printable(String text) {
        return text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    private static String text(String template, CallValues values) {
        return WebhookValue.template(template).flatMap(values::text).orElse("");
    }

    private static JsonNode completed(JsonNode node, CallValues values) {
        if (node instanceof ObjectNode object) {
            var completed = Json.object();
            object.properties().forEach(field -> completed.set(field.getKey(), completed(field.getValue(), values)));
            return completed;
        }
        return node.isString() ? JsonNodeFactory.instance.stringNode(text(node.stringValue(), values)) : node;
    }
}
