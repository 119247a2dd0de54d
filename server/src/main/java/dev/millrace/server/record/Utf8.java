package dev.millrace.server.record;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Checks that bytes are UTF-8 to the letter. The JSON parser takes overlong forms and encoded halves of surrogate pairs;
 * stored as they came, they would make pages that strict clients cannot read. Reusable; not thread-safe.
 */
final class Utf8 {
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final CharBuffer out = CharBuffer.allocate(1024);

    /** Where the first byte stands that is no part of a character; -1 if all are well. */
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
