package dev.millrace.server.connect;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.credential.AwsRole;
import dev.millrace.server.http.Failure;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** Completes the AWS role that a person names. */
final class AwsInput {
    /** A region becomes part of host names. */
    static final Pattern REGION = Pattern.compile("^[a-z0-9-]+$");

    private static final String REGION_NAME = "region";
    private static final String SERVICE_NAME = "service";
    private static final String EXTERNAL_ID = "external_id";
    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private AwsInput() {}

    /**
     * The role with its region, service and external id, which come to stand in the configuration of the connection as well.
     * What the connection has already stays: the other account's policy names the external id.
     */
    static AwsRole complete(AwsRole given, Flow flow) {
        var stored = flow.target().map(Connection::credentials).flatMap(AwsInput::role);
        var custom = flow.integration().custom();
        var config = flow.config();
        var region = stored.map(AwsRole::region)
                .filter(text -> !text.isEmpty())
                .or(() -> Optional.of(given.region()).filter(text -> !text.isEmpty()))
                .or(() -> Login.text(config, REGION_NAME))
                .or(() -> Login.text(custom, "defaultRegion"))
                .orElseThrow(() -> Failure.refusedBody("Send region: the integration has no defaultRegion."));
        var service = Login.text(custom, SERVICE_NAME)
                .or(() -> Login.text(config, SERVICE_NAME))
                .orElse("");
        if (!REGION.matcher(region).matches() || !REGION.matcher(service).matches()) {
            throw Failure.refusedBody(
                    "region and service may hold small letters, digits and hyphens; service is a value of the integration.");
        }
        var external = stored.map(AwsRole::externalId)
                .filter(text -> !text.isEmpty())
                .or(() -> Login.text(config, EXTERNAL_ID)
                        .filter(text -> UUID_TEXT.matcher(text).matches()))
                .orElseGet(() -> UUID.randomUUID().toString());
        config.put(EXTERNAL_ID, external)
                .put("role_arn", given.roleArn())
                .put(REGION_NAME, region)
                .put(SERVICE_NAME, service);
        return AwsRole.role(given.roleArn(), region, service, external);
    }

    private static Optional<AwsRole> role(Object credentials) {
        return credentials instanceof AwsRole role ? Optional.of(role) : Optional.empty();
    }
}
