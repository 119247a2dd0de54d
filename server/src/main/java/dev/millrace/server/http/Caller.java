package dev.millrace.server.http;

import java.util.Set;
import java.util.UUID;

/**
 * The authenticated sender of a request: an API key with its scopes and, unless it is an account key, its environment.
 *
 * @param integrations the only ones it may access; empty: all
 * @param key the key's display name, for logs and histories
 */
public record Caller(
        long environmentId,
        UUID environmentUuid,
        String environmentName,
        String key,
        Set<String> scopes,
        Set<String> integrations) {
    public Caller {
        scopes = Set.copyOf(scopes);
        integrations = Set.copyOf(integrations);
    }

    /** An API key, which may access all integrations of its environment. */
    public Caller(long environmentId, UUID environmentUuid, String environmentName, String key, Set<String> scopes) {
        this(environmentId, environmentUuid, environmentName, key, scopes, Set.of());
    }

    /** Whether it may access an integration. */
    public boolean sees(String integration) {
        return integrations.isEmpty() || integrations.contains(integration);
    }

    private static final long NO_ENVIRONMENT = 0;

    /** An account key: it belongs to no environment and has only account scopes. */
    public static Caller ofAccount(String key, Set<String> scopes) {
        return new Caller(NO_ENVIRONMENT, new UUID(0, 0), "", key, scopes);
    }

    public boolean hasEnvironment() {
        return environmentId != NO_ENVIRONMENT;
    }

    /** Whether a grant equals the scope or covers it by a trailing {@code :*}. */
    public boolean may(String scope) {
        return scopes.stream()
                .anyMatch(grant -> grant.equals(scope)
                        || (grant.endsWith(":*") && scope.startsWith(grant.substring(0, grant.length() - 1))));
    }
}
