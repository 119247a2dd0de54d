package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;

/** Blanks out credentials in what logs show. */
final class Redaction {
    private Redaction() {}

    static String url(URI uri, Target target) {
        var shown = uri.toString();
        for (var secret : target.secrets()) {
            shown = shown.replace(secret, "REDACTED").replace(URLEncoder.encode(secret, UTF_8), "REDACTED");
        }
        return shown;
    }
}
