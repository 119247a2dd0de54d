package dev.millrace.server.webhook.scheme;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Outgoing;
import dev.millrace.server.outbound.Payload;
import dev.millrace.server.outbound.Url;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Fetches the key set at a URL. Thread-safe. */
record KeySet(Outbound outbound, String address) implements GoogleTokens.Source {
    static final String OF_GOOGLE = "https://www.googleapis.com/oauth2/v3/certs";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int LARGEST = 100_000;

    @Override
    public Optional<String> fetch() throws InterruptedException {
        var headers = Map.of("accept", "application/json");
        try (var answer = outbound.send(new Outgoing(
                "GET", Url.parse(address), headers, Payload.NONE, Payload.NONE, Set.of(), Optional.empty(), TIMEOUT))) {
            var body = answer.body().readNBytes(LARGEST + 1);
            return answer.successful() && body.length <= LARGEST
                    ? Optional.of(new String(body, UTF_8))
                    : Optional.empty();
        } catch (OutboundFailure _) {
            return Optional.empty();
        } catch (IOException _) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return Optional.empty();
        }
    }
}
