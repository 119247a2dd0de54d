package dev.millrace.server.http;

import java.util.Optional;

/** Resolves the Authorization header of a request; throws the contract's 401 (http-api §2.1) otherwise. */
public interface Authenticator {
    Caller authenticate(Optional<String> authorization);
}
