package dev.millrace.server.credential;

import java.util.Optional;

/**
 * What a provider sent a person back with, to be exchanged for a token.
 *
 * @param redirectUri where the person was sent back to, as the provider was told
 * @param verifier of PKCE; empty when it is off
 * @param client used instead of the integration's client, now and for each refresh
 * @param refreshToken kept instead of the one that the provider sends
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
