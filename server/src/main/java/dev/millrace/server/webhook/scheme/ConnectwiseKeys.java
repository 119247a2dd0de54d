package dev.millrace.server.webhook.scheme;

import dev.millrace.server.http.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/** Fetches the keys with which ConnectWise signs webhooks, and caches them. Thread-safe. */
final class ConnectwiseKeys {
    private static final Pattern HOSTS = Pattern.compile("((api|sandbox)-)?(au|eu|na)\\.myconnectwise\\.net");
    private static final Duration FRESH = Duration.ofHours(1);
    private static final int MOST_KEPT = 1_000;

    /** The limit of fetches per minute. Anybody can send webhooks with URLs of keys that do not exist. */
    private static final int MOST_FETCHES = 60;

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Source source;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Kept> kept = new LinkedHashMap<>();
    private Instant minute = Instant.MIN;
    private int fetches;

    /** The source of the keys. */
    interface Source {
        /** Returns the body of the response of this URL; empty if there is none. */
        Optional<String> fetch(String url) throws InterruptedException;
    }

    private record Kept(String key, Instant until) {}

    ConnectwiseKeys(Source source, Clock clock) {
        this.source = source;
        this.clock = clock;
    }

    /** Whether this is the URL of a key at ConnectWise. */
    static boolean isTrusted(String url) {
        try {
            var uri = new URI(url);
            return "https".equals(uri.getScheme())
                    && uri.getPort() < 0
                    && uri.getUserInfo() == null
                    && uri.getHost() != null
                    && HOSTS.matcher(uri.getHost()).matches();
        } catch (URISyntaxException _) {
            return false;
        }
    }

    /** The key at a trusted URL; empty if it cannot be fetched at the moment. */
    Optional<String> key(String url) throws InterruptedException {
        var now = clock.instant();
        lock.lock();
        try {
            var known = kept.get(url);
            if (known != null && now.isBefore(known.until())) {
                return Optional.of(known.key());
            }
            if (!minute.plus(MINUTE).isAfter(now)) {
                minute = now;
                fetches = 0;
            }
            if (fetches == MOST_FETCHES) {
                return Optional.empty();
            }
            fetches++;
        } finally {
            lock.unlock();
        }
        var key = source.fetch(url).flatMap(text -> Fields.text(Json.parseObject(text), "signing_key"));
        key.ifPresent(found -> keep(url, new Kept(found, now.plus(FRESH))));
        return key;
    }

    private void keep(String url, Kept found) {
        lock.lock();
        try {
            kept.remove(url);
            if (kept.size() == MOST_KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
            kept.put(url, found);
        } finally {
            lock.unlock();
        }
    }
}
