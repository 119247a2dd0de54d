package dev.millrace.server.credential;

import static dev.millrace.server.credential.CredentialJson.putTime;

import dev.millrace.server.http.Json;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * An AWS role and the temporary keys of its last session.
 *
 * @param accessKeyId empty until the first session
 */
public record AwsRole(
        String roleArn,
        String region,
        String service,
        String accessKeyId,
        String secretAccessKey,
        String sessionToken,
        Optional<Instant> expiresAt,
        String externalId,
        ObjectNode raw)
        implements Credentials {
    static final String TYPE = "AWS_SIGV4";

    static AwsRole of(ObjectNode stored) {
        return new AwsRole(
                CredentialJson.text(stored, "role_arn"),
                CredentialJson.text(stored, "region"),
                CredentialJson.text(stored, "service"),
                CredentialJson.text(stored, "access_key_id"),
                CredentialJson.text(stored, "secret_access_key"),
                CredentialJson.text(stored, "session_token"),
                CredentialJson.time(stored, "expires_at"),
                CredentialJson.text(stored, "external_id"),
                CredentialJson.object(stored, "raw"));
    }

    /** The values that a person enters to begin the first session. */
    public static AwsRole role(String arn, String region, String service, String externalId) {
        return new AwsRole(arn, region, service, "", "", "", Optional.empty(), externalId, Json.object());
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public ObjectNode json() {
        var node = CredentialJson.typed(TYPE)
                .put("role_arn", roleArn)
                .put("region", region)
                .put("service", service)
                .put("access_key_id", accessKeyId)
                .put("secret_access_key", secretAccessKey)
                .put("session_token", sessionToken);
        putTime(node, "expires_at", expiresAt);
        node.put("external_id", externalId);
        node.set("raw", raw);
        return node;
    }

    @Override
    public boolean renewable() {
        return true;
    }

    @Override
    public Set<String> identifiers() {
        return Set.of(roleArn, region, service);
    }

    @Override
    public String toString() {
        return "AwsRole[***]";
    }
}
