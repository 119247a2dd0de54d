package dev.millrace.server.credential;

/** A request token of OAuth 1.0: by it a person authorises, and with a verifier it is exchanged for a lasting one. */
public record RequestToken(String token, String secret) {
    @Override
    public String toString() {
        return "RequestToken[***]";
    }
}
