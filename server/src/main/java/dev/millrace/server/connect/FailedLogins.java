package dev.millrace.server.connect;

import dev.millrace.server.db.Database;
import dev.millrace.server.delivery.AuthWebhooks;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports to the application that a customer could not connect: the {@code auth} webhook of a failed creation. A failed
 * re-authorisation leaves the connection as it is, and the person sees why; nothing is sent. Thread-safe.
 */
public final class FailedLogins {
    private static final Logger LOG = LoggerFactory.getLogger(FailedLogins.class);

    private final Database db;
    private final Integrations integrations;
    private final AuthWebhooks webhooks;

    public FailedLogins(Database db, Integrations integrations, AuthWebhooks webhooks) {
        this.db = db;
        this.integrations = integrations;
        this.webhooks = webhooks;
    }

    /** A login in a popup. Failures of the server itself are not the customer's and are not reported. */
    void report(AuthFlow flow, AuthError error) {
        if (flow.target().isEmpty() && !error.type().equals(AuthError.UNKNOWN)) {
            integrations
                    .find(flow.environmentId(), flow.integration())
                    .ifPresent(integration -> report(integration, flow.connectionId(), error));
        }
    }

    /** A form. */
    void report(Flow flow, String connectionId, AuthError error) {
        if (flow.target().isEmpty()) {
            report(flow.integration(), connectionId, error);
        }
    }

    /** The person gets the reason of the failure even if it cannot be reported. */
    private void report(Integration integration, String connectionId, AuthError error) {
        try {
            db.useTransaction(handle -> webhooks.creationFailed(
                    handle,
                    integration.environmentId(),
                    integration.uniqueKey(),
                    connectionId,
                    integration.provider(),
                    error.type(),
                    String.valueOf(error.getMessage())));
        } catch (RuntimeException e) {
            LOG.warn("The failed login at {} could not be reported: {}", integration.uniqueKey(), e.getMessage());
        }
    }
}
