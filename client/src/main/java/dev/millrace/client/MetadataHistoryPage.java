package dev.millrace.client;

import java.util.List;
import java.util.Optional;

/**
 * One page of a history, newest version first.
 *
 * <pre>{@code
 * var page = client.metadata(acme).history(20);
 * var older = page.nextCursor().map(cursor -> client.metadata(acme).history(20, cursor));
 * }</pre>
 *
 * Immutable and thread-safe.
 *
 * @param nextCursor present when there are older versions
 */
public record MetadataHistoryPage(List<MetadataVersion> versions, Optional<String> nextCursor) {
    public MetadataHistoryPage {
        versions = List.copyOf(versions);
    }
}
