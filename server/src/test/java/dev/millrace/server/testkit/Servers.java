package dev.millrace.server.testkit;

import java.net.URI;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The servers that are up at the moment, as seen by clients that do not care which answers. Thread-safe. */
final class Servers implements AutoCloseable {
    private final AtomicReferenceArray<@Nullable RawClient> clients;

    Servers(int count) {
        clients = new AtomicReferenceArray<>(count);
    }

    void up(int index, URI url, String key) {
        clients.set(index, new RawClient(url, key));
    }

    /** Said before it is killed; requests under way fail all the same. */
    void down(int index) {
        clients.set(index, null);
    }

    /** One of those that are up. */
    Optional<RawClient> any(RandomGenerator random) {
        int first = random.nextInt(clients.length());
        for (int i = 0; i < clients.length(); i++) {
            var client = clients.get((first + i) % clients.length());
            if (client != null) {
                return Optional.of(client);
            }
        }
        return Optional.empty();
    }

    Optional<RawClient> get(int index) {
        return Optional.ofNullable(clients.get(index));
    }

    @Override
    public void close() {
        for (int i = 0; i < clients.length(); i++) {
            get(i).ifPresent(RawClient::close);
        }
    }
}
