package dev.millrace.server.webhook.scheme;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What a webhook turned out to be. */
public sealed interface Reading {
    /**
     * A genuine webhook.
     *
     * @param events to be stored before the response is sent
     * @param forwarded the payload for the application; a missing node when there was no body
     * @param installation a login that the webhook completes
     * @param unmatched the response when no event concerns a connection; nothing is forwarded then
     */
    record Accepted(
            List<WebhookEvent> events,
            JsonNode forwarded,
            Response response,
            Optional<Installation> installation,
            Optional<Response> unmatched)
            implements Reading {
        public Accepted {
            events = List.copyOf(events);
        }

        public Accepted(
                List<WebhookEvent> events, JsonNode forwarded, Response response, Optional<Installation> installation) {
            this(events, forwarded, response, installation, Optional.empty());
        }
    }

    /** A challenge or another message that no function needs; nothing is stored. */
    record Answered(Response response) implements Reading {}

    record Refused(WebhookRefusal refusal) implements Reading {}

    /** The response to the provider; an empty {@code contentType} means no body. */
    record Response(int status, String contentType, String body, Map<String, String> headers) {
        /** The usual response to a webhook that was accepted. */
        public static final Response SUCCESS = new Response(200, "application/json", "{\"status\":\"success\"}");

        public Response {
            headers = Map.copyOf(headers);
        }

        public Response(int status, String contentType, String body) {
            this(status, contentType, body, Map.of());
        }
    }

    /**
     * Somebody approved the installation of an app; this completes the connection that waits for it.
     *
     * @param waiting the connection settings by which that connection is found
     * @param config the connection settings that it gets
     */
    record Installation(Map<String, String> waiting, Map<String, String> config) {
        public Installation {
            waiting = Map.copyOf(waiting);
            config = Map.copyOf(config);
        }
    }
}
