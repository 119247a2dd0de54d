package dev.millrace.server.testkit;

import java.util.ArrayList;
import java.util.List;

/** What an application finds that asks for events instead of receiving them. */
public final class ToldEvents {
    private ToldEvents() {}

    /** The bodies of all events of the environment {@code dev}, the oldest first, as text. */
    public static List<String> of(TestServer server) {
        return of(server.raw());
    }

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
