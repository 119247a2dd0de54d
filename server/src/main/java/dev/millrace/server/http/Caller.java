package dev.millrace.server.http;

import java.util.Set;
import java.util.UUID;

/**
 * Who makes a request: an API key with its environment and scopes.
 *
 * @param key the key's display name, for logs and histories
 */
public record Caller(long environmentId, UUID environmentUuid, String environmentName, String key, Set<String> scopes) {
    public Caller {
        scopes = Set.copyOf(scopes);
    }

    /** Whether a grant equals the scope or covers it by a trailing {@code :*}. */
    public boolean may(String scope) {
        return scopes.stream()
                .anyMatch(grant -> grant.equals(scope)
                        || (grant.endsWith(":*") && scope.startsWith(grant.substring(0, grant.length() - 1))));
    }
}
