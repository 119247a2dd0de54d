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
 * The response of a provider, with any status. Closing it before the end of the body aborts the exchange.
 *
 * @param uri of the response, after redirects
 * @param headers lower-case names; without the content-encoding that was decoded and the length
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

    /** The same response, with the part of its body that was read already put back. */
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
