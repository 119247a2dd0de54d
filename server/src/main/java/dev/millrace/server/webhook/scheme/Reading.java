package dev.millrace.server.webhook.scheme;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The result of verifying and reading a webhook. */
public sealed interface Reading {
    /**
     * A genuine webhook.
     *
     * @param events the events; they are stored before the response is sent
     * @param forwarded the payload to forward to the application; a missing node if the call has no body
     * @param response the response if the webhook is stored
     * @param installation an approved app installation that completes a waiting login
     * @param unmatched the response if no connection matches; the webhook is then not forwarded
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

    /** A challenge or another message that is not meant for functions. Nothing is stored. */
    record Answered(Response response) implements Reading {}

    /** A webhook that is rejected. Nothing is stored. */
    record Refused(WebhookRefusal refusal) implements Reading {}

    /** The response to the provider. An empty {@code contentType} means that there is no body. */
    record Response(int status, String contentType, String body, Map<String, String> headers) {
        /** The default response to an accepted webhook. */
        public static final Response SUCCESS = new Response(200, "application/json", "{\"status\":\"success\"}");

        public Response {
            headers = Map.copyOf(headers);
        }

        public Response(int status, String contentType, String body) {
            this(status, contentType, body, Map.of());
        }
    }

    /**
     * The installation of an app was approved. This completes the connection that waits for it.
     *
     * @param waiting the connection settings by which the waiting connection is found
     * @param config the connection settings that are added to it
     * @param code the code that is exchanged for its token; empty if the connection has one
     */
    record Installation(Map<String, String> waiting, Map<String, String> config, Optional<String> code) {
        public Installation {
            waiting = Map.copyOf(waiting);
            config = Map.copyOf(config);
        }
    }
}
