package dev.millrace.server.record;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Request;
import java.util.Optional;

/** What a stream's right to go on rests upon: the API key, and the connection under its name. */
record Standing(Request request, ConnectionLookup connections, NamedConnection named, long connection) {
    /** Why it may not go on. */
    Optional<Failure> refusal() {
        return request.refusal().or(() -> {
            var found = connections.find(request.environment(), named.integration(), named.connection());
            return found.isPresent() && found.getAsLong() == connection
                    ? Optional.empty()
                    : Optional.of(NamedConnection.unknown());
        });
    }
}
