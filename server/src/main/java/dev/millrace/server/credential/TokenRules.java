package dev.millrace.server.credential;

import static java.util.Objects.requireNonNull;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Provider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How the token calls of a provider differ from OAuth 2: the block {@code token_rules} of its definition. For a definition
 * without the block, the rules in the resource {@code token-rules.json} for its name apply.
 */
record TokenRules(JsonNode block) {
    private static final JsonNode KNOWN = known();

    private static JsonNode known() {
        try (var in = requireNonNull(TokenRules.class.getResourceAsStream("/credential/token-rules.json"))) {
            return Json.MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static TokenRules of(Provider provider) {
        return new TokenRules(
                provider.block("token_rules").<JsonNode>map(own -> own).orElseGet(() -> KNOWN.path(provider.name())));
    }

    /** Another call for a token, after the first one or instead of a refresh by a refresh token. */
    record Further(String url, String method, ObjectNode parameters) {}

    /** Where a person's access to an installation can be seen. */
    Optional<String> installationCheck() {
        return block.path("installation_check_url").stringValueOpt();
    }

    boolean usesGet() {
        return block.path("method").asString("").equals("GET");
    }

    JsonNode headers() {
        return block.path("headers");
    }

    /** The parameters by the provider's names; those with an empty one are left out. */
    ObjectNode renamed(ObjectNode parameters) {
        var names = block.path("names");
        if (names.isEmpty()) {
            return parameters;
        }
        var renamed = Json.object();
        for (var parameter : parameters.properties()) {
            var name = names.path(parameter.getKey()).asString(parameter.getKey());
            if (!name.isEmpty()) {
                renamed.set(name, parameter.getValue());
            }
        }
        return renamed;
    }

    /** The answer by the names of OAuth 2; as it is when the rules say nothing about it. */
    ObjectNode read(ObjectNode raw) {
        var paths = block.path("answer");
        if (paths.isEmpty()) {
            return raw;
        }
        var read = Json.object();
        paths.properties()
                .forEach(path -> TokenAnswer.at(raw, path.getValue().asString(""))
                        .filter(JsonNode::isValueNode)
                        .ifPresent(value -> read.set(path.getKey(), value)));
        return read;
    }

    /** Whether an answer that came with a good status tells of a failure. */
    boolean fails(ObjectNode raw) {
        var success = block.path("success");
        return success.isObject()
                && !TokenAnswer.at(raw, success.path("path").asString(""))
                        .map(value -> value.asString(""))
                        .equals(Optional.of(success.path("equals").asString("")));
    }

    /** Until when a token is taken to be good whose answer does not tell. */
    Optional<Instant> until(Instant now) {
        return TokenLife.seconds(block.path("life")).map(life -> now.plus(life));
    }

    /** A token that lives longer is had for the first one. */
    Optional<Further> swap() {
        return further("swap");
    }

    /** The token itself is exchanged for a newer one. */
    Optional<Further> renewal() {
        return further("renewal");
    }

    private Optional<Further> further(String name) {
        var node = block.path(name);
        return node.isObject()
                ? Optional.of(new Further(
                        node.path("url").asString(""),
                        node.path("method").asString("POST"),
                        node.get("params") instanceof ObjectNode given ? given : Json.object()))
                : Optional.empty();
    }
}
