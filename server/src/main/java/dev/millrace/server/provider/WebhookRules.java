package dev.millrace.server.provider;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The rules of the {@code webhook} block of a definition. They describe how a provider sends webhooks.
 *
 * @param fromHeaders whether the headers are the payload instead of the body
 * @param formField the form field that contains the payload as JSON
 * @param decode a text that contains JSON in Base64
 * @param signatures the signature rules; the first rule whose header is present is verified. Empty if the provider does
 *     not sign
 * @param unsigned if one of these values is present, the call is accepted without a signature; it then has no type and
 *     no connection
 * @param events the location of the list of events; empty if a call is one event
 * @param distinct events with equal values are treated as one event
 * @param added fields that are added to the input of functions
 * @param connections rules that find the connections; empty if each event matches all connections
 * @param connectionMissing the error if a call names no connection; if empty, such a call matches no connection
 * @param unmatched the response if no connection matches; the webhook is then not forwarded
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

    /**
     * The name of the provider whose rules a routing script names, for example {@code cal-com} for
     * {@code calComWebhookRouting}. Empty if the name of the script does not end with {@code WebhookRouting}.
     */
    public static Optional<String> providerOf(String script) {
        return Optional.of(script)
                .filter(name -> name.endsWith(SCRIPT))
                .map(name -> name.substring(0, name.length() - SCRIPT.length())
                        .replaceAll("(?<=.)([A-Z])", "-$1")
                        .toLowerCase(Locale.ROOT));
    }

    /** Whether fields of the body are needed before or during the verification of a signature. */
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
        /** A hash of a text that contains the secret. */
        HASH,
        /** An RSA signature (PKCS#1). The secret is the public key. */
        RSA,
        /** The secret itself. */
        TOKEN,
        /** Standard Webhooks, also known as Svix. */
        STANDARD,
        /** A JSON Web Token, signed with RS256. The secret is the public key. */
        JWT,
        /** A JSON Web Token that Google signed for the URL of the integration. */
        GOOGLE
    }

    /** When a signature is verified. */
    public enum Check {
        ALWAYS,
        /** Only if a secret is configured. */
        WITH_SECRET,
        /** Only if the call has a signature. */
        WHEN_PRESENT
    }

    /** The encoding of a signature or a key. */
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
     * A rule that verifies a signature.
     *
     * @param from the location of the signature
     * @param algorithm the hash algorithm, for example {@code sha256}
     * @param encoding the encoding of the signature
     * @param prefix the text before the signature
     * @param separator the separator of several signatures, of which one must be valid
     * @param signed the texts that may be signed, for providers that sign in several ways
     * @param secrets names of secrets of the integration, or {@code metadata.KEY} for a secret of the connection
     * @param secretEncoding the encoding of the key
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
        /** The values that the signature and the signed text consist of. */
        private Stream<WebhookValue> fields() {
            var found = Stream.concat(from.stream(), time.flatMap(Time::from).stream());
            return Stream.concat(found, signed.stream());
        }
    }

    /**
     * The timestamp of a signature.
     *
     * @param from the location of the timestamp; empty if it is in the list of signatures
     * @param prefix the text before the timestamp in the list of signatures
     * @param tolerance in seconds, in both directions; 0 accepts any time
     */
    public record Time(Optional<WebhookValue> from, String prefix, TimeUnit unit, long tolerance) {}

    /**
     * A response that differs from the default response.
     *
     * @param when the condition; empty if there is none
     * @param body a text or an object; values in its texts are replaced
     * @param beforeSignature whether the response is sent before the signature is verified
     */
    public record Answer(
            Optional<When> when,
            int status,
            String contentType,
            JsonNode body,
            Map<String, WebhookValue> headers,
            boolean beforeSignature) {}

    /**
     * A condition.
     *
     * @param equal the value must equal this text; empty if any value is accepted
     */
    public record When(WebhookValue value, Optional<String> equal) {}

    /** The place where a connection has the value by which it is found. */
    public enum Target {
        CONNECTION_ID,
        METADATA,
        CONNECTION_CONFIG
    }

    /** How a value is transformed before connections are searched. */
    public enum Transform {
        NONE,
        /** The scheme and host of a URL. */
        ORIGIN,
        /** The first label of a host name, or of the host of a URL. */
        HOST_LABEL,
        /** An e-mail address in lower case, percent-decoded. */
        EMAIL,
        /** The hash of an e-mail address, as connections store it. */
        EMAIL_HASH
    }

    /**
     * A rule that finds connections.
     *
     * @param key the literal key in the metadata or in {@code connection_config}
     * @param by the values; the first that is present is used
     * @param pattern its first group is the value; applied before the transformation
     */
    public record Find(
            Target target, String key, List<WebhookValue> by, Optional<Pattern> pattern, Transform transform) {}
}
