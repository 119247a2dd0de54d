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

    /**
     * Another call for a token, after the first one or instead of a refresh by a refresh token.
     *
     * @param rules of its answer
     */
    record Further(String url, String method, JsonNode headers, ObjectNode parameters, TokenRules rules) {}

    /**
     * A parameter that signs the others.
     *
     * @param over the signed text
     * @param encoding of the signature: {@code hex}, {@code HEX} (in capitals) or {@code base64}
     */
    record Signing(String name, String over, String key, String algorithm, String encoding) {}

    /** The rules for calls with a refresh token: those in {@code refresh} replace the others of the same name. */
    TokenRules ofRenewals() {
        return with(block.path("refresh"));
    }

    private TokenRules with(JsonNode own) {
        if (!(own instanceof ObjectNode others)) {
            return this;
        }
        var all = block instanceof ObjectNode object ? object.deepCopy() : Json.object();
        return new TokenRules(all.setAll(others));
    }

    /** Where a person's access to an installation can be seen. */
    Optional<String> installationCheck() {
        return block.path("installation_check_url").stringValueOpt();
    }

    /** Where the name of the person who asked for an installation can be read. */
    JsonNode installationRequester() {
        return block.path("installation_requester");
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

    /** Whether a code stands for a state of the provider that passes. */
    boolean isTemporary(String code) {
        return block.path("temporary")
                .valueStream()
                .anyMatch(item -> item.asString("").equals(code));
    }

    Optional<Signing> signing() {
        var node = block.path("sign");
        return node.isObject()
                ? Optional.of(new Signing(
                        node.path("name").asString("sign"),
                        node.path("over").asString("${parameters}"),
                        node.path("key").asString("${clientSecret}"),
                        node.path("algorithm").asString("HmacSHA256"),
                        node.path("encoding").asString("hex")))
                : Optional.empty();
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

    /** The provider is asked until when a token is good whose answer does not tell. */
    Optional<Further> expiry() {
        return further("expiry");
    }

    /** Where the time stands in the answer to {@link #expiry}. */
    String expiryPath() {
        return block.path("expiry").path("path").asString("exp");
    }

    private Optional<Further> further(String name) {
        var node = block.path(name);
        return node.isObject()
                ? Optional.of(new Further(
                        node.path("url").asString(""),
                        node.path("method").asString("POST"),
                        node.path("headers"),
                        node.get("params") instanceof ObjectNode given ? given : Json.object(),
                        with(node.path("rules"))))
                : Optional.empty();
    }
}
