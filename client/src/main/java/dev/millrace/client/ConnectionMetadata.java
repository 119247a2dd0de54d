package dev.millrace.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The metadata of one connection: the JSON object that holds an application's settings.
 *
 * <pre>{@code
 * var metadata = client.metadata(acme);
 * var seen = metadata.read();
 *
 * metadata.update(Map.of("region", "emea"));             // shallow merge
 * metadata.mergePatch(Map.of("mapping", Map.of("plan", "cf_plan")));  // deep merge, RFC 7396
 *
 * // Refused with 412 metadata_conflict: someone (we) changed it since.
 * metadata.ifVersion(seen.version()).set(Map.of());
 * }</pre>
 *
 * Every change returns what is stored afterwards. Immutable and thread-safe.
 */
public final class ConnectionMetadata {
    private static final String JSON = "application/json";

    private final Transport transport;
    private final ConnectionRef ref;
    private final OptionalLong expected;

    ConnectionMetadata(Transport transport, ConnectionRef ref, OptionalLong expected) {
        this.transport = transport;
        this.ref = ref;
        this.expected = expected;
    }

    /** The same, but a change is refused unless the stored version is this one. */
    public ConnectionMetadata ifVersion(long version) {
        return new ConnectionMetadata(transport, ref, OptionalLong.of(version));
    }

    /** The current object. */
    public VersionedMetadata read() {
        return call("GET", "", JSON, null);
    }

    /** The value at a JSON Pointer (RFC 6901); empty when there is none. */
    public Optional<JsonNode> read(String pointer) {
        try {
            return Optional.of(call("GET", path(pointer), JSON, null).object());
        } catch (MillraceException e) {
            if (e.status() == 404 && e.code().equals("not_found")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Replaces the object. */
    public VersionedMetadata set(Object object) {
        return call("POST", "", JSON, object);
    }

    /** Replaces top-level keys. */
    public VersionedMetadata update(Object object) {
        return call("PATCH", "", JSON, object);
    }

    /** Merges at every depth; null removes (RFC 7396). */
    public VersionedMetadata mergePatch(Object patch) {
        return call("PATCH", "", "application/merge-patch+json", patch);
    }

    /** Applies the operations of a JSON Patch (RFC 6902), all or none. */
    public VersionedMetadata jsonPatch(Object operations) {
        return call("PATCH", "", "application/json-patch+json", operations);
    }

    /** Removes the metadata: it is null then, as if it had never been set. */
    public void delete() {
        call("DELETE", "", JSON, null);
    }

    /** Removes the value at a JSON Pointer. */
    public void delete(String pointer) {
        call("DELETE", path(pointer), JSON, null);
    }

    /** The newest versions. */
    public MetadataHistoryPage history(int limit) {
        return page("?limit=" + limit);
    }

    /** The next page of versions, by the cursor of the previous page. */
    public MetadataHistoryPage history(int limit, String cursor) {
        return page("?limit=" + limit + "&cursor=" + encode(cursor));
    }

    private MetadataHistoryPage page(String query) {
        var page = call("GET", "/history" + query, JSON, null).object();
        return new MetadataHistoryPage(
                page.path("history").valueStream().map(MetadataVersion::of).toList(),
                page.path("next_cursor").asStringOpt());
    }

    /** The object of a version that is still kept. */
    public JsonNode version(long version) {
        return call("GET", "/history/" + version, JSON, null).object().path("metadata");
    }

    /** Stores the object of an earlier version as the newest version. */
    public VersionedMetadata restore(long version) {
        return call("POST", "/restore", JSON, Map.of("version", version));
    }

    private VersionedMetadata call(String method, String rest, String type, @Nullable Object body) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Provider-Config-Key", ref.integration());
        if (body != null && !type.equals(JSON)) {
            headers.put("Content-Type", type);
        }
        if (!method.equals("GET") && expected.isPresent()) {
            headers.put("If-Match", "\"" + expected.getAsLong() + '"');
        }
        var text = Optional.ofNullable(body).map(Transport.JSON::writeValueAsString);
        var path = "/connections/" + encode(ref.connection()) + "/metadata" + rest;
        return transport.sendVersioned(new ApiCall(method, path, headers, text));
    }

    private static String path(String pointer) {
        return "?path=" + encode(pointer);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
