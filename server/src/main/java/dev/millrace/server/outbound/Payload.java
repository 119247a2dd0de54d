package dev.millrace.server.outbound;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a request's body. They can be read several times, because requests are signed, redirected and retried.
 */
public interface Payload {
    Payload NONE = of(new byte[0]);

    /** In bytes. */
    long length();

    /** Reads them from the beginning. */
    InputStream open() throws IOException;

    static Payload of(byte[] bytes) {
        return new Payload() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        };
    }
}
