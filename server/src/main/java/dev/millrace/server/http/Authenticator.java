package dev.millrace.server.http;

import java.util.Optional;

/** Resolves the Authorization header of a request to a caller, or throws 401. */
public interface Authenticator {
    Caller authenticate(Optional<String> authorization);
}
