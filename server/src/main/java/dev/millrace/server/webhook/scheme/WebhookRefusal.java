package dev.millrace.server.webhook.scheme;

/**
 * A webhook that is not accepted.
 *
 * @param code for example {@code webhook_invalid_signature}
 * @param message the text of the response
 */
public record WebhookRefusal(int status, String code, String message) {}
