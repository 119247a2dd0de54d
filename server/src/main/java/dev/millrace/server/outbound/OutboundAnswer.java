package dev.millrace.server.outbound;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a provider answered, whatever its status. Closing it before the body's end breaks off the exchange.
 *
 * @param uri where it came from, after redirects
 * @param headers lower-case names; a content-encoding that was decoded is left out, the length with it
 */
public record OutboundAnswer(Url uri, int status, String reason, Map<String, List<String>> headers, InputStream body)
        implements AutoCloseable {
    public boolean successful() {
        return status >= 200 && status < 300;
    }

    public Optional<String> header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream()
                .findFirst();
    }

    /** The same answer, its body whole again after the beginning of it was read. */
    public OutboundAnswer after(byte[] beginning) {
        var whole = new SequenceInputStream(new ByteArrayInputStream(beginning), body);
        return new OutboundAnswer(uri, status, reason, headers, whole);
    }

    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
