package dev.millrace.server.connect;

import dev.millrace.server.environment.Environments;
import dev.millrace.server.http.Authenticator;
import dev.millrace.server.http.Caller;
import dev.millrace.server.http.Route;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Allows connect sessions to use the endpoints that pages need: the session's integrations, and the providers.
 * Thread-safe.
 */
public final class ConnectAuthenticator implements Authenticator {
    private static final String BEARER = "Bearer ";

    private final Authenticator keys;
    private final ConnectSessions sessions;
    private final Environments environments;

    /** @param keys authenticates all other credentials */
    public ConnectAuthenticator(Authenticator keys, ConnectSessions sessions, Environments environments) {
        this.keys = keys;
        this.sessions = sessions;
        this.environments = environments;
    }

    @Override
    public Caller authenticate(Optional<String> authorization) {
        var credential = authorization.orElse("");
        if (!credential.contains(BEARER + ConnectSessions.PREFIX)) {
            return keys.authenticate(authorization);
        }
        var session = sessions.find(credential.substring(credential.lastIndexOf(BEARER) + BEARER.length()));
        var environment = environments.get(session.environmentId());
        return new Caller(
                environment.id(),
                environment.uuid(),
                environment.name(),
                "connect-session:" + session.id(),
                Set.of(Route.CONNECT_SESSION),
                new HashSet<>(session.terms().allowed()));
    }
}
