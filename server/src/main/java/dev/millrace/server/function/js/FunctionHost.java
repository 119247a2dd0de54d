package dev.millrace.server.function.js;

import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The platform's API for one execution, independent of the language of the function. An instance belongs to one
 * execution and is called by many threads at once, except {@link #log}, whose lines arrive in order. Any method may
 * throw a {@link HostError}, which fails that call inside the function. An interrupt cancels the call. JSON is passed
 * on as UTF-8 text without parsing. An array belongs to its receiver and must not be changed by the sender.
 */
public interface FunctionHost {
    /** Calls a provider with the credentials of a connection. Every status is a normal response. */
    HttpAnswer http(HttpCall call) throws InterruptedException;

    /** Calls any URL, without credentials. */
    FetchAnswer fetch(FetchCall call) throws InterruptedException;

    /** @return the public connection, as JSON */
    byte[] connection(ConnectionCall call) throws InterruptedException;

    /** @return the token of the execution's own connection, as JSON */
    byte[] token() throws InterruptedException;

    /** @param metadata JSON that replaces the metadata; refused unless it is an object */
    ApiAnswer setMetadata(byte[] metadata) throws InterruptedException;

    /** @param metadata JSON whose keys replace those of the same name; refused unless it is an object */
    ApiAnswer updateMetadata(byte[] metadata) throws InterruptedException;

    /** @return the public integration with the requested parts, as JSON */
    byte[] integration(List<String> include) throws InterruptedException;

    /** @return a JSON array of {@code {name, value}} */
    byte[] environmentVariables() throws InterruptedException;

    /** Runs another action to its end. */
    ApiAnswer triggerAction(ActionTrigger trigger) throws InterruptedException;

    void triggerSync(SyncTrigger trigger) throws InterruptedException;

    void startSync(SyncStart start) throws InterruptedException;

    void saveRecords(RecordsCall call) throws InterruptedException;

    void updateRecords(RecordsCall call) throws InterruptedException;

    void deleteRecords(RecordsCall call) throws InterruptedException;

    /** @return a JSON array of the records that exist */
    byte[] getRecords(String model, List<String> ids) throws InterruptedException;

    /** @return the JSON object {@code {records, next_cursor}} */
    byte[] listRecords(RecordsPage page) throws InterruptedException;

    void setMergingStrategy(String model, MergingStrategy strategy) throws InterruptedException;

    void trackDeletesStart(String model) throws InterruptedException;

    /** @return the keys of the records that were deleted */
    List<String> trackDeletesEnd(String model) throws InterruptedException;

    /** @return the keys of the records that were deleted */
    List<String> deleteRecordsFromPreviousExecutions(String model) throws InterruptedException;

    /** @return JSON, {@code null} when there is no checkpoint */
    byte[] getCheckpoint() throws InterruptedException;

    /** @param checkpoint JSON; refused unless it is a flat object */
    void saveCheckpoint(byte[] checkpoint) throws InterruptedException;

    void clearCheckpoint() throws InterruptedException;

    /** @return false when another execution holds the lock */
    boolean acquireLock(String key, Duration ttl) throws InterruptedException;

    /** @return false when this execution did not hold the lock */
    boolean releaseLock(String key) throws InterruptedException;

    void releaseAllLocks() throws InterruptedException;

    /**
     * Stores a line of the function's log.
     *
     * @param meta a JSON object or empty
     */
    void log(String level, String message, byte[] meta);

    /** Identifies a connection; an empty part means that of the execution's own connection. */
    record ConnectionRef(Optional<String> providerConfigKey, Optional<String> connectionId) {}

    /**
     * @param forceRefresh reads the connection again even if it has just been read
     * @param refreshToken whether the response contains the refresh token
     */
    record ConnectionCall(ConnectionRef connection, boolean forceRefresh, boolean refreshToken) {}

    /** The kind of the body of a call to a provider; runtime/PROTOCOL.md describes each. */
    enum BodyKind {
        NONE,
        JSON,
        FORM,
        TEXT,
        MULTIPART,
        BYTES
    }

    /**
     * A call to a provider.
     *
     * @param endpoint path and query, or an absolute URL below the provider's base URL
     * @param params text or object, added to the query
     * @param headers lower-case names
     * @param retries further attempts after the first
     * @param retryOn statuses to repeat the call after, besides the usual ones
     * @param retryHeader which headers contain the delay, in the format of the SDK
     * @param forwardHeadersOnRedirect the provider's definition decides when absent
     * @param followsLink the base URL comes from a link in a response of the provider, not from the author
     */
    record HttpCall(
            ConnectionRef connection,
            String method,
            String endpoint,
            Optional<JsonNode> params,
            Map<String, String> headers,
            BodyKind bodyKind,
            byte[] body,
            int retries,
            List<Integer> retryOn,
            Optional<ObjectNode> retryHeader,
            Optional<String> baseUrlOverride,
            boolean decompress,
            Optional<Boolean> forwardHeadersOnRedirect,
            boolean followsLink) {}

    /** @param headers lower-case names */
    record FetchCall(String url, String method, Map<String, String> headers, byte[] body) {}

    /**
     * A response of an external server.
     *
     * @param url of the response, after redirects
     * @param headers lower-case names
     * @param body of any length: passed on as it arrives, and closed by its receiver
     */
    record HttpAnswer(int status, String statusText, String url, Map<String, List<String>> headers, InputStream body) {}

    /** @param redirected whether the response comes from another URL than the one that was called */
    record FetchAnswer(HttpAnswer answer, boolean redirected) {}

    /** A response of the platform's own API. */
    record ApiAnswer(int status, byte[] json) {}

    /** @param input JSON, empty when there is none */
    record ActionTrigger(String providerConfigKey, String connectionId, String action, byte[] input) {}

    /** @param variant empty when the name contains it: {@code name::variant} */
    record SyncRef(String name, Optional<String> variant) {}

    record SyncOptions(boolean reset, boolean emptyCache, boolean confirmDeletes) {}

    /** @param connectionId all connections of the integration when empty */
    record SyncTrigger(String providerConfigKey, Optional<String> connectionId, SyncRef sync, SyncOptions options) {}

    /** @param connectionId all connections of the integration when empty */
    record SyncStart(String providerConfigKey, Optional<String> connectionId, List<SyncRef> syncs) {}

    /** @param lines one JSON text per line */
    record RecordsCall(String model, byte[] lines) {}

    /** @param cursor end of the previous page; empty for the first one */
    record RecordsPage(String model, Optional<String> cursor, int limit) {}

    /** How to treat records that somebody else has changed during the execution. */
    enum MergingStrategy {
        OVERRIDE,
        IGNORE_IF_MODIFIED_AFTER
    }
}
