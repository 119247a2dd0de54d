package dev.millrace.server.http;

import java.util.Set;
import java.util.UUID;

/**
 * Who makes a request: an API key with its scopes and, unless it is an account key, its environment.
 *
 * @param key the key's display name, for logs and histories
 */
public record Caller(long environmentId, UUID environmentUuid, String environmentName, String key, Set<String> scopes) {
    public Caller {
        scopes = Set.copyOf(scopes);
    }

    private static final long NO_ENVIRONMENT = 0;

    /** An account key: it belongs to no environment and opens only what its account scopes name. */
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
