package dev.millrace.server.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Response;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * The page shown after an authorisation. It reports the outcome to the page that opened the popup, closes itself after
 * a success, and shows the reason of a failure.
 */
final class CallbackPage {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NONCE = 16;
    private static final Pattern PLACEHOLDER = Pattern.compile("@([a-z]+)@");

    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>@title@</title>
            <style nonce="@nonce@">
            :root { color-scheme: light dark; }
            body { font: 16px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center; }
            main { max-width: 32rem; padding: 2rem; overflow-wrap: anywhere; }
            h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
            p { margin: 0 0 .75rem; }
            </style>
            </head>
            <body>
            <main>
            <div role="@role@">
            <h1>@title@</h1>
            @text@
            </div>
            </main>
            <script nonce="@nonce@">
            const message = @message@;
            const channel = new BroadcastChannel('nango-oauth-callback');
            const acknowledged = event => {
              if (event.data && event.data.type === 'nango_oauth_callback_ack') window.close();
            };
            window.addEventListener('message', acknowledged);
            channel.addEventListener('message', acknowledged);
            if (window.opener) window.opener.postMessage(message, '*');
            channel.postMessage(message);
            if (message.type === 'nango_oauth_callback_success') setTimeout(() => window.close(), 500);
            </script>
            </body>
            </html>
            """;

    private CallbackPage() {}

    static Response success(boolean pending) {
        var text = pending
                ? "<p>Your request was sent. The connection works once it is approved.</p>"
                : "<p>You can close this window.</p>";
        return page(
                200,
                pending ? "Almost done" : "You are connected",
                text,
                Json.object().put("type", "nango_oauth_callback_success"),
                "status");
    }

    /** @param detail the provider's message, as the opening page gets it; may be empty */
    static Response failure(AuthError error, ObjectNode detail) {
        return failure(400, error, detail);
    }

    static Response failure(int status, AuthError error, ObjectNode detail) {
        var shown = String.valueOf(error.getMessage());
        var message = Json.object().put("type", "nango_oauth_callback_error");
        message.putObject("payload")
                .put("message", detail.isEmpty() ? shown : Json.text(detail))
                .put("errorType", "connection_validation_failed");
        var text = "<p>" + escape(shown)
                + "</p><p>Close this window and try again. If it fails again, tell the people whose"
                + " product you are connecting: <code>" + escape(error.type()) + "</code></p>";
        return page(status, "The connection was not created", text, message, "alert");
    }

    private static Response page(int status, String title, String text, ObjectNode message, String role) {
        var bytes = new byte[NONCE];
        RANDOM.nextBytes(bytes);
        var nonce = Base64.getEncoder().encodeToString(bytes);
        // No text inside the script may contain its end tag.
        var json = Json.text(message)
                .replace("<", "\\u003c")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Content-Type", List.of("text/html; charset=utf-8"));
        headers.put("Cache-Control", List.of("no-store"));
        headers.put("Referrer-Policy", List.of("no-referrer"));
        headers.put("X-Content-Type-Options", List.of("nosniff"));
        headers.put(
                "Content-Security-Policy",
                List.of("default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce
                        + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"));
        var values = Map.of("title", escape(title), "text", text, "message", json, "nonce", nonce, "role", role);
        // Replaces all placeholders in one pass, so that a value that looks like a placeholder is not replaced.
        var page = PLACEHOLDER
                .matcher(PAGE)
                .replaceAll(found -> Matcher.quoteReplacement(values.getOrDefault(found.group(1), "")));
        return new Response.Bytes(status, headers, page.getBytes(UTF_8));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** The provider's error in the query of the redirect. */
    static ObjectNode detail(Map<String, String> query) {
        var detail = Json.object();
        for (var name :
                List.of("error", "error_description", "error_reason", "error_uri", "status_code", "error_message")) {
            var value = query.get(name);
            if (value != null) {
                detail.put(name, value);
            }
        }
        return detail;
    }
}
