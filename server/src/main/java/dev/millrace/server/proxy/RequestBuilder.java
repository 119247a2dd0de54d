package dev.millrace.server.proxy;

import dev.millrace.server.credential.ClientCredentials;
import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.ClientCertificate;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Outgoing;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.ProxyRules;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Builds the request from a call and the current credentials. */
final class RequestBuilder {
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH", "DELETE", "PROPFIND", "REPORT");
    /** All other bodies are XML. */
    private static final Set<String> INJECTED = Set.of("POST", "PUT", "PATCH", "DELETE");

    private RequestBuilder() {}

    static Outgoing build(Call call, Target target, InstantSource clock) {
        var names = target.names();
        var moment = new Moment(clock);
        var uri = new UrlBuilder(call, target, names, moment).build();
        var given = WITH_BODY.contains(call.method()) ? call.body() : new Body.None();
        var body = INJECTED.contains(call.method())
                ? inject(given, target.provider().proxy(), names, moment)
                : given;
        var headers = new HeaderBuilder(call, target, names, moment).build(uri, body);
        return new Outgoing(
                call.method(),
                uri,
                headers.all(),
                body.payload(),
                given.payload(),
                headers.secret(),
                certificate(target),
                call.timeout());
    }

    /** The certificate of a connection whose provider requires one, if both parts are present. */
    private static Optional<ClientCertificate> certificate(Target target) {
        boolean required = target.provider()
                .definition()
                .path("require_client_certificate")
                .asBoolean(false);
        return required && target.credentials() instanceof ClientCredentials client
                ? client.certificate()
                        .flatMap(shown -> client.privateKey().map(key -> new ClientCertificate(shown, key)))
                : Optional.empty();
    }

    /**
     * Adds the definition's body values, which override the caller's. This comes first, because headers may sign the
     * body.
     */
    private static Body inject(Body body, ProxyRules rules, Names names, Moment moment) {
        if (rules.body().isEmpty()) {
            return body;
        }
        var values = Json.object();
        for (var leaf : rules.body()) {
            leaf.value().resolve(names, moment).ifPresent(value -> {
                var parent = values;
                for (var key : leaf.path().subList(0, leaf.path().size() - 1)) {
                    parent = parent.withObjectProperty(key);
                }
                parent.put(leaf.name(), value);
            });
        }
        return values.isEmpty() ? body : merge(body, values);
    }

    private static Body merge(Body body, ObjectNode values) {
        return switch (body) {
            case Body.None _ -> new Body.JsonText(Json.bytes(values));
            case Body.Form(var encoded) ->
                new Body.Form(encoded + (encoded.isEmpty() ? "" : "&") + Body.encode(values));
            case Body.JsonText(var bytes) ->
                parse(bytes) instanceof ObjectNode object ? new Body.JsonText(Json.bytes(object.setAll(values))) : body;
            case Body.Bytes _, Body.Large _ -> body;
        };
    }

    private static JsonNode parse(byte[] json) {
        try {
            return Json.MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw OutboundFailure.refused("unknown_error", "The body is not valid JSON: " + e.getOriginalMessage());
        }
    }
}
