package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.outbound.OutboundAnswer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** The beginning of a provider's error response, for logs. */
final class ErrorText {
    /** Twice as much as is shown, so that a secret at the cut is still recognised. */
    private static final int READ = 4096;

    private static final int SHOWN = 2048;

    private ErrorText() {}

    /**
     * Reads the part of a failed response that has already arrived, because the rest may take long; nothing of other
     * responses.
     */
    static byte[] beginning(OutboundAnswer answer) {
        var head = new byte[READ];
        int length = 0;
        try {
            boolean more = !answer.successful() && isText(answer);
            while (more) {
                int count = answer.body().read(head, length, READ - length);
                length += Math.max(count, 0);
                more = count > 0 && length < READ && answer.body().available() > 0;
            }
        } catch (IOException _) {
            // The next reader gets this error.
        }
        return Arrays.copyOf(head, length);
    }

    private static boolean isText(OutboundAnswer answer) {
        var type = answer.header("content-type").orElse("text/plain").toLowerCase(Locale.ROOT);
        return type.startsWith("text/") || type.contains("json") || type.contains("xml");
    }

    static String shown(byte[] beginning, Redaction redaction) {
        if (beginning.length == 0) {
            return "";
        }
        var text = redaction.text(new String(beginning, UTF_8));
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + '…';
    }
}
