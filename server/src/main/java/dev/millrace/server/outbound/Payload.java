package dev.millrace.server.outbound;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The bytes that a request sends. They can be read any number of times: requests are signed, redirected and repeated. */
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
