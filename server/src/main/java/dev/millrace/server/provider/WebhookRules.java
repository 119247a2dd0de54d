package dev.millrace.server.provider;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * How a provider sends webhooks: the {@code webhook} block of its definition.
 *
 * @param fromHeaders whether the payload is the headers instead of the body
 * @param formField the field of a form that contains the payload as JSON
 * @param decode a text that contains JSON in Base64
 * @param signatures the first whose header is present is verified; empty when the provider does not sign
 * @param unsigned values whose presence makes a call pass without a signature; it then has no type and no connection
 * @param events where the events of a call are listed; empty when a call is one event
 * @param distinct events with the same values are one event
 * @param added fields that the input of functions gets in addition
 * @param connections empty when each event concerns all connections
 * @param connectionMissing the error when a call names no connection; without it, such a call concerns none
 * @param unmatched the response when no connection is found; nothing is forwarded then
 */
public record WebhookRules(
        boolean fromHeaders,
        Optional<String> formField,
        Optional<WebhookValue> decode,
        List<Signature> signatures,
        List<WebhookValue> unsigned,
        List<Answer> challenges,
        List<WebhookValue> events,
        List<WebhookValue> types,
        List<WebhookValue> ids,
        List<WebhookValue> distinct,
        Map<String, List<WebhookValue>> added,
        Optional<List<Find>> connections,
        Optional<String> connectionMissing,
        List<Answer> responses,
        Optional<Answer> unmatched) {

    private static final String SCRIPT = "WebhookRouting";

    /** The provider whose rules a routing script stands for: {@code cal-com} for {@code calComWebhookRouting}. */
    public static Optional<String> providerOf(String script) {
        return Optional.of(script)
                .filter(name -> name.endsWith(SCRIPT))
                .map(name -> name.substring(0, name.length() - SCRIPT.length())
                        .replaceAll("(?<=.)([A-Z])", "-$1")
                        .toLowerCase(Locale.ROOT));
    }

    /** Whether fields of the body are needed before or while a signature is verified. */
    public boolean parsesFirst() {
        var needed = Stream.concat(
                Stream.concat(
                        unsigned.stream(),
                        challenges.stream()
                                .filter(Answer::beforeSignature)
                                .flatMap(answer -> answer.when().stream())
                                .map(When::value)),
                signatures.stream().flatMap(Signature::fields));
        return needed.anyMatch(WebhookValue::parsed)
                || challenges.stream()
                        .anyMatch(answer -> answer.beforeSignature()
                                && answer.body().toString().contains("${body"));
    }

    /** The kind of a signature. */
    public enum Kind {
        HMAC,
        /** A hash over a text that contains the secret. */
        HASH,
        /** An RSA signature in PKCS#1 form; the secret is the public key. */
        RSA,
        /** The secret itself. */
        TOKEN,
        /** Standard Webhooks, also known as Svix. */
        STANDARD,
        /** A JSON web token, signed by RS256; the secret is the public key. */
        JWT,
        /** A JSON web token that Google has signed for the URL of the integration. */
        GOOGLE
    }

    /** When a signature is verified. */
    public enum Check {
        ALWAYS,
        /** When a secret is configured. */
        WITH_SECRET,
        /** When the call has one. */
        WHEN_PRESENT
    }

    public enum Encoding {
        TEXT,
        HEX,
        BASE64
    }

    /** The unit of a timestamp. */
    public enum TimeUnit {
        SECONDS,
        MILLISECONDS,
        ISO
    }

    /**
     * @param from where the signature is
     * @param algorithm of the hash: {@code sha256}
     * @param encoding of the signature
     * @param prefix in front of the signature
     * @param separator between several signatures, of which one must be valid
     * @param signed the texts that may be signed, for providers that do it in several ways
     * @param secrets names of the integration's secrets, or {@code metadata.KEY} for one of the connection
     * @param secretEncoding how bytes of the key are written
     * @param bodyHash the claim of a token that contains the hash of the body
     */
    public record Signature(
            Kind kind,
            Optional<WebhookValue> from,
            String algorithm,
            Encoding encoding,
            String prefix,
            Optional<String> separator,
            List<WebhookValue> signed,
            Optional<Time> time,
            List<String> secrets,
            Encoding secretEncoding,
            Check check,
            Optional<String> bodyHash) {
        /** The values that it consists of. */
        private Stream<WebhookValue> fields() {
            var found = Stream.concat(from.stream(), time.flatMap(Time::from).stream());
            return Stream.concat(found, signed.stream());
        }
    }

    /**
     * @param from where the timestamp is; empty when it is in the list of signatures
     * @param prefix of the timestamp in the list of signatures
     * @param tolerance in seconds; 0 when any time is accepted
     */
    public record Time(Optional<WebhookValue> from, String prefix, TimeUnit unit, long tolerance) {}

    /**
     * A response that is not the usual one.
     *
     * @param body a text, or an object whose texts are completed
     * @param beforeSignature whether it is sent without verifying the signature
     */
    public record Answer(
            Optional<When> when,
            int status,
            String contentType,
            JsonNode body,
            Map<String, WebhookValue> headers,
            boolean beforeSignature) {}

    /** @param equal the value must be this one; empty when any value will do */
    public record When(WebhookValue value, Optional<String> equal) {}

    /** Where a connection has the value by which it is found. */
    public enum Target {
        CONNECTION_ID,
        METADATA,
        CONNECTION_CONFIG
    }

    /** What is made of a value before connections are looked for. */
    public enum Transform {
        NONE,
        /** The scheme and host of a URL. */
        ORIGIN,
        /** The first label of a host name, or of the host of a URL. */
        HOST_LABEL,
        /** An e-mail address in lower case, percent-decoded. */
        EMAIL,
        /** The hash under which connections keep an e-mail address. */
        EMAIL_HASH
    }

    /** @param pattern whose first group is the value; it comes before the transformation */
    public record Find(
            Target target, String key, List<WebhookValue> by, Optional<Pattern> pattern, Transform transform) {}
}
