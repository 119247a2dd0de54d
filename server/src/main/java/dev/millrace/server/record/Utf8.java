package dev.millrace.server.record;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Checks that bytes are valid UTF-8. The JSON parser accepts overlong forms and encoded surrogates. If they were
 * stored, strict clients could not read the pages. Reusable; not thread-safe.
 */
final class Utf8 {
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final CharBuffer out = CharBuffer.allocate(1024);

    /** The position of the first invalid byte; -1 if all are valid. */
    int fault(byte[] text) {
        var in = ByteBuffer.wrap(text);
        decoder.reset();
        while (true) {
            var result = decoder.decode(in, out.clear(), true);
            if (result.isError()) {
                return in.position();
            }
            if (result.isUnderflow()) {
                return -1;
            }
        }
    }
}
