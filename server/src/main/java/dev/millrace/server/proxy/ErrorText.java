package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.outbound.OutboundAnswer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** What a provider says of a failure, as far as logs show it. */
final class ErrorText {
    /** Twice what is shown: a secret at the cut is still recognised. */
    private static final int READ = 4096;

    private static final int SHOWN = 2048;

    private ErrorText() {}

    /** What of a failed answer's text is there at once, for it may take its time; nothing of any other answer. */
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
            // Who reads on is told.
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
