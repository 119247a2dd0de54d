package dev.millrace.server.testkit;

import java.util.ArrayList;
import java.util.List;

/** Reads the webhook events of a server by polling. */
public final class SentEvents {
    private SentEvents() {}

    /** The bodies of all events of the environment {@code dev} as JSON text, oldest first. */
    public static List<String> of(TestServer server) {
        return of(server.raw());
    }

    /** The bodies of all events of the client's environment as JSON text, oldest first. */
    public static List<String> of(RawClient client) {
        var bodies = new ArrayList<String>();
        var cursor = "";
        while (true) {
            var page = client.get("/webhooks/events?limit=1000" + cursor).json();
            page.path("data").forEach(event -> bodies.add(event.path("body").toString()));
            if (page.path("data").isEmpty()) {
                return bodies;
            }
            cursor = "&cursor=" + page.path("next_cursor").asString();
        }
    }
}
