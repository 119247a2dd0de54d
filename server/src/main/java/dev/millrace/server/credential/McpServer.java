package dev.millrace.server.credential;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an MCP server and its authorization server tell of themselves.
 *
 * @param resource how the server is named in token calls; empty when it tells nothing of itself
 * @param scopes those that the server supports; may be empty
 * @param metadata of the authorization server (RFC 8414)
 */
public record McpServer(Optional<String> resource, String scopes, ObjectNode metadata) {
    public String issuer() {
        return metadata.path("issuer").asString("");
    }

    public String authorizationEndpoint() {
        return metadata.path("authorization_endpoint").asString("");
    }

    public Optional<String> registrationEndpoint() {
        return CredentialJson.optional(metadata, "registration_endpoint");
    }

    /** Whether the address of a metadata document serves as client id. */
    public boolean takesMetadataDocuments() {
        return metadata.path("client_id_metadata_document_supported").asBoolean(false);
    }

    /** Whether it names itself when it sends a person back (RFC 9207). */
    public boolean namesItself() {
        return metadata.path("authorization_response_iss_parameter_supported").asBoolean(false);
    }
}
