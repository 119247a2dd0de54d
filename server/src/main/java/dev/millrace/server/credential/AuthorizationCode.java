package dev.millrace.server.credential;

import java.util.Optional;

/**
 * The code from a provider's redirect, to be exchanged for a token.
 *
 * @param redirectUri the callback URL that was sent to the provider; empty when none was
 * @param verifier of PKCE; empty when PKCE is off
 * @param client replaces the integration's client, now and for each refresh
 * @param refreshToken replaces the one that the provider sends
 */
public record AuthorizationCode(
        String code,
        String redirectUri,
        Optional<String> verifier,
        ClientOverride client,
        Optional<String> refreshToken) {
    @Override
    public String toString() {
        return "AuthorizationCode[***]";
    }
}
