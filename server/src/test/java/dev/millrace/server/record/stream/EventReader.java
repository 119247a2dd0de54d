package dev.millrace.server.record.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;

/** Reads server-sent events as browsers do, on a thread of its own. */
public final class EventReader implements AutoCloseable {
    public final List<Event> events = new CopyOnWriteArrayList<>();
    final List<String> comments = new CopyOnWriteArrayList<>();
    private final InputStream body;
    private final Thread thread;

    /** One event; the name is {@code message} unless it says otherwise. */
    public record Event(String name, String id, String data) {
        public JsonNode json() {
            return Json.parse(data);
        }

        public String record() {
            return json().get("id").stringValue();
        }
    }

    public EventReader(InputStream body) {
        this.body = body;
        this.thread = Thread.ofVirtual().start(this::read);
    }

    private void read() {
        var data = new ArrayList<String>();
        var name = "message";
        var id = "";
        try (var lines = new BufferedReader(new InputStreamReader(body, UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty()) {
                    if (!data.isEmpty()) {
                        events.add(new Event(name, id, String.join("\n", data)));
                    }
                    data.clear();
                    name = "message";
                } else if (line.startsWith(":")) {
                    comments.add(line.substring(1).strip());
                } else if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("data: ")) {
                    data.add(line.substring(6));
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else {
                    events.add(new Event("malformed", id, line));
                }
            }
        } catch (IOException _) {
            // It was cut off.
        }
    }

    /** The ids of the records, in the order they came. */
    public List<String> records() {
        return events.stream().map(Event::record).toList();
    }

    public boolean ended() {
        return !thread.isAlive();
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
