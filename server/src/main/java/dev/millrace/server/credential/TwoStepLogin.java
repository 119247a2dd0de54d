package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Template;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Logs in by the calls that a definition describes. Thread-safe. */
final class TwoStepLogin {
    private final TokenEndpoint endpoint;

    TwoStepLogin(TokenEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** @param options used once and never stored: {@code assertionOption} */
    TwoStep renew(TokenContext context, TwoStep old, ObjectNode options, Moment moment) throws InterruptedException {
        return new Login(context, old, options, moment).run();
    }

    /** One login. */
    private final class Login {
        private final TokenContext context;
        private final JsonNode definition;
        private final TwoStep old;
        private final ObjectNode config;
        private final ObjectNode options;
        private final Moment moment;
        private final ObjectNode captured = Json.object();
        private final ObjectNode steps = Json.object();
        private final boolean refreshing;
        private Optional<String> assertion = Optional.empty();

        Login(TokenContext context, TwoStep old, ObjectNode options, Moment moment) {
            this.context = context;
            this.definition = context.definition();
            this.old = old;
            this.config = context.effectiveConfig();
            this.options = options;
            this.moment = moment;
            this.refreshing = old.refreshToken().isPresent()
                    && (definition.has("refresh_token_params") || definition.has("refresh_token_headers"));
        }

        TwoStep run() throws InterruptedException {
            var known = known();
            var names = TokenNames.credentials(known, config).or(Names.under("", steps));
            var answer = first(names);
            int count = 1;
            steps.set("step" + count, answer);
            for (var step : definition.path("additional_steps")) {
                answer = step(step, names);
                steps.set("step" + ++count, answer);
            }
            return read(answer);
        }

        /**
         * The names that templates may use: the entered fields, else those of the integration, and values computed from
         * them.
         */
        private ObjectNode known() {
            var known = old.fields().deepCopy();
            var declared = context.provider().block("credentials").orElseGet(Json::object);
            context.integration().custom().properties().stream()
                    .filter(field -> declared.has(field.getKey()))
                    .forEach(field -> known.set(field.getKey(), field.getValue()));
            old.refreshToken().ifPresent(token -> known.put("refresh_token", token));
            if (!old.value().isEmpty()) {
                known.put("token", old.value());
            }
            if (definition.has("signature")) {
                known.put("token", JwtGeneration.sign(context, known, moment).token());
            }
            if (definition.get("assertion") instanceof ObjectNode description && !refreshing) {
                var made = new Assertion(description, known, config, options, moment).current(old.assertion());
                known.put("assertion", made);
                assertion = Optional.of(made);
            }
            return known;
        }

        private ObjectNode first(Names names) throws InterruptedException {
            var template = (refreshing ? context.provider().text("refresh_url") : Optional.<String>empty())
                    .or(() -> OAuth2Refresh.tokenUrl(context, "TWO_STEP"))
                    .orElseThrow(() -> TokenFailure.impossible(
                            "missing_token_url",
                            "The definition of provider " + context.provider().name() + " has no token_url."));
            var answer = send(
                    template,
                    definition.path(refreshing ? "refresh_token_params" : "token_params"),
                    definition.path(refreshing ? "refresh_token_headers" : "token_headers"),
                    definition.path("token_request_method").asString("POST"),
                    names);
            if (answer.status() != 200 && answer.status() != 201) {
                throw TokenAnswer.failure(
                        answer.status(), TokenAnswer.parse(answer).orElseGet(Json::object));
            }
            return object(answer);
        }

        private ObjectNode step(JsonNode step, Names names) throws InterruptedException {
            var answer = send(
                    step.path("token_url").asString(""),
                    step.path("token_params"),
                    step.path("token_headers"),
                    step.path("token_request_method").asString("POST"),
                    names);
            if (answer.status() != 200) {
                throw TokenAnswer.failure(
                        answer.status(), TokenAnswer.parse(answer).orElseGet(Json::object));
            }
            return object(answer);
        }

        private ObjectNode object(TokenEndpoint.Answer answer) {
            if (definition.path("body_format").asString("").equals("xml")) {
                return XmlBody.parse(answer.body()).orElseGet(() -> TokenAnswer.object(answer));
            }
            return TokenAnswer.object(answer);
        }

        private TokenEndpoint.Answer send(
                String template, JsonNode parameters, JsonNode headers, String method, Names names)
                throws InterruptedException {
            var url = TokenNames.url(context, template, names, moment);
            var sent = new LinkedHashMap<String, String>();
            for (var header : headers.properties()) {
                sent.put(
                        header.getKey().toLowerCase(Locale.ROOT),
                        Template.plain(header.getValue().asString("")).render(names, moment));
            }
            var call = method.equalsIgnoreCase("GET")
                    ? TokenEndpoint.Call.get(url, sent)
                    : TokenEndpoint.Call.post(url, body(filled(parameters, names)), sent);
            var answer = endpoint.send(call);
            capture(answer);
            return answer;
        }

        private TokenBody body(ObjectNode parameters) {
            return switch (definition.path("body_format").asString("json")) {
                case "form" -> TokenBody.form(parameters);
                case "xml" -> TokenBody.xml(parameters);
                default -> TokenBody.json(parameters);
            };
        }

        private ObjectNode filled(JsonNode parameters, Names names) {
            var object = Json.object();
            for (var field : parameters.properties()) {
                object.set(field.getKey(), value(field.getValue(), names));
            }
            return object;
        }

        private JsonNode value(JsonNode node, Names names) {
            return switch (node) {
                case ObjectNode object -> filled(object, names);
                case ArrayNode list -> {
                    var values = Json.array();
                    list.forEach(item -> values.add(value(item, names)));
                    yield values;
                }
                case JsonNode text
                when text.isString() ->
                    JsonNodeFactory.instance.stringNode(
                            Template.plain(text.stringValue()).render(names, moment));
                case JsonNode other -> other;
            };
        }

        /** Keeps the headers that the definition names; cookies are collected from all calls. */
        private void capture(TokenEndpoint.Answer answer) {
            for (var name : definition.path("token_response_headers")) {
                var lower = name.asString("").toLowerCase(Locale.ROOT);
                var values = answer.headers().get(lower);
                if (values != null && lower.equals("set-cookie")) {
                    captured.put(
                            "_cookies", Cookies.added(captured.path("_cookies").asString(""), values));
                } else if (values != null) {
                    captured.put(name.asString(""), values.getFirst());
                }
            }
        }

        private TwoStep read(ObjectNode answer) {
            var description = definition.path("token_response");
            var token = TokenAnswer.at(answer, description.path("token").asString(""))
                    .map(node -> node.isValueNode() ? node.asString("") : Json.text(node))
                    .filter(text -> !text.isEmpty())
                    .orElseThrow(() -> TokenFailure.refused(
                            "invalid_two_step_credentials",
                            "The provider's response contains no token at "
                                    + description.path("token").asString("") + "."));
            var refreshToken = CredentialJson.optional(description, "refresh_token")
                    .flatMap(path -> TokenAnswer.at(answer, path))
                    .map(node -> node.asString(""))
                    .filter(text -> !text.isEmpty())
                    .or(() -> refreshing ? old.refreshToken() : Optional.empty());
            var life = new TwoStepLife(definition, moment.now());
            var fields = old.fields().deepCopy();
            fields.setAll(captured);
            boolean kept = !definition.path("assertion").path("singleUse").asBoolean(false);
            return new TwoStep(
                    fields,
                    token,
                    refreshToken,
                    life.until(answer, token, refreshToken),
                    kept ? assertion.or(old::assertion) : Optional.empty(),
                    answer);
        }
    }

    /** The cookies that a browser would send: each name with its last value. */
    private static final class Cookies {
        static String added(String before, Iterable<String> headers) {
            Map<String, String> all = new LinkedHashMap<>();
            for (var pair : before.split("; ", -1)) {
                put(all, pair);
            }
            for (var header : headers) {
                put(all, header.split(";", 2)[0].strip());
            }
            var joined = new StringBuilder();
            all.forEach((name, value) -> joined.append(joined.isEmpty() ? "" : "; ")
                    .append(name)
                    .append('=')
                    .append(value));
            return joined.toString();
        }

        private static void put(Map<String, String> all, String pair) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                all.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
    }
}
