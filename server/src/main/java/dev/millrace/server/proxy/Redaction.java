package dev.millrace.server.proxy;

import dev.millrace.server.log.Secrets;
import dev.millrace.server.outbound.Url;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Masks credentials in what logs show of a call. */
final class Redaction {
    /** Cookies, browser policies and headers of delivery networks are not useful in logs. */
    private static final Pattern LEFT_OUT =
            Pattern.compile("(set-)?cookie2?|content-security-policy.*|cf-.*|x-amz-cf-.*"
                    + "|x-cache.*|x-served-by|x-timer|x-fastly.*|via|alt-svc|nel|report-to|reporting-endpoints|server-timing"
                    + "|strict-transport-security|permissions-policy|age");

    private final Secrets secrets;

    Redaction(Target target) {
        this.secrets = target.secrets();
    }

    String url(Url uri) {
        return secrets.blank(uri.toString());
    }

    String text(String text) {
        return secrets.blank(text);
    }

    Map<String, String> headers(Map<String, String> headers) {
        var shown = new TreeMap<String, String>();
        headers.forEach((name, value) -> {
            if (!LEFT_OUT.matcher(name).matches()) {
                shown.put(name, Secrets.isSecretName(name) ? Secrets.BLANK : secrets.blank(value));
            }
        });
        return shown;
    }

    Map<String, String> answerHeaders(Map<String, List<String>> headers) {
        var joined = new TreeMap<String, String>();
        headers.forEach((name, values) -> joined.put(name, String.join(", ", values)));
        return headers(joined);
    }
}
