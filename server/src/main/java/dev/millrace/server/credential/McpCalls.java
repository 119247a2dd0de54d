package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds out how an MCP server wants its clients authorised (RFC 9728, RFC 8414), and registers clients (RFC 7591). The
 * addresses come from strangers, so each is checked before it is called. Thread-safe.
 */
public final class McpCalls {
    private static final String CODE = "mcp_discovery_failed";
    private static final Set<String> NO_METADATA = Set.of("invalid_redirect", "answer_too_large");
    private static final Pattern NUMERIC = Pattern.compile("[0-9.]+|\\[.*]");
    private static final List<String> ENDPOINTS = List.of("authorization_endpoint", "token_endpoint");
    /** Of what a stranger tells, the connection keeps no more than this. */
    private static final List<String> KEPT = List.of(
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "registration_endpoint",
            "revocation_endpoint",
            "scopes_supported",
            "code_challenge_methods_supported",
            "token_endpoint_auth_methods_supported",
            "client_id_metadata_document_supported",
            "authorization_response_iss_parameter_supported");

    private static final String REGISTRATION = "registration_endpoint";

    private final Outbound outbound;
    private final TokenEndpoint endpoint;

    McpCalls(Outbound outbound, TokenEndpoint endpoint) {
        this.outbound = outbound;
        this.endpoint = endpoint;
    }

    /** @throws TokenFailure when the server cannot be used */
    public McpServer discover(String address) throws InterruptedException {
        var server = checked(address, "mcp_server_url");
        var resource = resource(server);
        var issuer = resource.map(found -> found.path("authorization_servers").path(0))
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue);
        var metadata = metadata(checked(issuer.orElseGet(server::origin), "authorization_servers"), issuer);
        for (var name : ENDPOINTS) {
            checked(metadata.path(name).asString(""), name);
        }
        if (metadata.has(REGISTRATION) && !isUsable(metadata.path(REGISTRATION).asString(""))) {
            metadata.remove(REGISTRATION);
        }
        metadata.retain(KEPT);
        var methods = metadata.path("code_challenge_methods_supported");
        if (methods.isArray()
                && methods.valueStream().noneMatch(m -> m.asString("").equals("S256"))) {
            throw refused("The authorization server does not support PKCE by S256.");
        }
        var scopes = resource.map(found -> found.path("scopes_supported"))
                .filter(JsonNode::isArray)
                .orElseGet(() -> metadata.path("scopes_supported"));
        return new McpServer(
                resource.flatMap(found -> CredentialJson.optional(found, "resource")),
                scopes.valueStream().map(scope -> scope.asString("")).collect(Collectors.joining(" ")),
                metadata);
    }

    /** What the server tells of itself, if it does; it must not speak for another one. */
    private Optional<ObjectNode> resource(Url server) throws InterruptedException {
        var path = server.path().equals("/") ? "" : server.path();
        var places = Stream.of(path, "")
                .distinct()
                .map(suffix -> server.origin() + "/.well-known/oauth-protected-resource" + suffix)
                .toList();
        var found = first(places);
        var named = found.flatMap(node -> CredentialJson.optional(node, "resource"));
        if (named.isPresent() && !covers(named.get(), server)) {
            throw refused("The server describes another resource, " + named.get() + '.');
        }
        return found;
    }

    private static boolean covers(String resource, Url server) {
        try {
            var url = Url.parse(resource);
            var trunk = url.path().endsWith("/") ? url.path() : url.path() + '/';
            return url.origin().equals(server.origin()) && (server.path() + '/').startsWith(trunk);
        } catch (OutboundFailure _) {
            return false;
        }
    }

    /** @param issuer as it was named; the metadata must be that issuer's */
    private ObjectNode metadata(Url server, Optional<String> issuer) throws InterruptedException {
        var path = server.path().equals("/") ? "" : server.path().replaceFirst("/$", "");
        var places = Stream.of(
                        "/.well-known/oauth-authorization-server" + path,
                        "/.well-known/openid-configuration" + path,
                        path + "/.well-known/openid-configuration")
                .distinct()
                .map(place -> server.origin() + place)
                .toList();
        var found = first(places)
                .orElseThrow(() -> refused("The authorization server " + server.origin() + " has no metadata."));
        var named = found.path("issuer").asString("");
        if (!trimmed(named).equals(trimmed(issuer.orElseGet(server::origin)))) {
            throw refused("The metadata of the authorization server " + server.origin() + " are those of the issuer "
                    + named + '.');
        }
        return found;
    }

    private static String trimmed(String address) {
        return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    }

    private Optional<ObjectNode> first(List<String> places) throws InterruptedException {
        for (var place : places) {
            var found = metadataAt(place);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<ObjectNode> metadataAt(String place) throws InterruptedException {
        try {
            var answer = endpoint.send(TokenEndpoint.Call.get(Url.parse(place), Map.of()));
            return answer.successful() ? TokenAnswer.parse(answer) : Optional.empty();
        } catch (TokenFailure e) {
            // Sites answer unknown paths with a page or a redirect to another host: no metadata are there.
            if (NO_METADATA.contains(e.code())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Registers a client.
     *
     * @return the answer, with {@code client_id}
     */
    public ObjectNode register(String address, ObjectNode client) throws InterruptedException {
        var url = checked(address, REGISTRATION);
        var answer = endpoint.send(TokenEndpoint.Call.post(url, TokenBody.json(client), Map.of()));
        var raw = TokenAnswer.object(answer);
        if (CredentialJson.optional(raw, "client_id").isEmpty()) {
            throw TokenFailure.refused("no_client", "The provider registered a client without client_id.");
        }
        return raw;
    }

    /** The metadata of a public client that comes back to an address. */
    public static ObjectNode client(String redirectUri) {
        var client = Json.object();
        client.putArray("redirect_uris").add(redirectUri);
        client.putArray("grant_types").add("authorization_code").add("refresh_token");
        client.putArray("response_types").add("code");
        return client.put("token_endpoint_auth_method", "none").put("client_name", "Millrace");
    }

    private boolean isUsable(String address) {
        try {
            checked(address, REGISTRATION);
            return true;
        } catch (TokenFailure _) {
            return false;
        }
    }

    /** Whatever calls of this deployment may reach on its own machine may be reached by http as well. */
    private Url checked(String address, String what) {
        try {
            var url = Url.parse(address);
            outbound.check(url);
            boolean own = url.host().equals("localhost") || url.host().startsWith("127.");
            if (!own
                    && (!url.secure()
                            || !url.host().contains(".")
                            || NUMERIC.matcher(url.host()).matches())) {
                throw refused(what + " must be an https address with a domain name.");
            }
            return url;
        } catch (OutboundFailure e) {
            throw refused(what + " cannot be used: " + e.getMessage());
        }
    }

    private static TokenFailure refused(String message) {
        return TokenFailure.refused(CODE, message);
    }
}
