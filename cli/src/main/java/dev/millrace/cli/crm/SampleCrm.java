package dev.millrace.cli.crm;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A CRM as customers have one: API key, cursor pages, custom fields, archived contacts, and faults when asked for.
 * Listens on loopback only. Thread-safe.
 */
public final class SampleCrm implements AutoCloseable {
    /** How many contacts it has when nothing else is said. */
    public static final int USUAL_COUNT = 3000;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Header IS_JSON = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
    private static final int USUAL_LIMIT = 100;
    private static final int LARGEST_LIMIT = 1000;
    private static final List<String> CHANGEABLE = List.of("email", "name", "region", "archived");
    private static final byte[] CUSTOM_FIELDS = """
            {"fields":[{"key":"cf_plan","label":"Subscription plan","type":"string"},\
            {"key":"cf_seats","label":"Number of seats","type":"number"},\
            {"key":"cf_owner","label":"Account owner","type":"string"}]}""".getBytes(StandardCharsets.UTF_8);

    private final String authorization;
    private final Contacts contacts;
    private final Faults faults = new Faults();
    private final InstantSource clock;
    private final WebServer server;

    /** Starts it; port 0 picks a free one. */
    public SampleCrm(int port, String key, int count) {
        this(port, key, count, InstantSource.system());
    }

    SampleCrm(int port, String key, int count, InstantSource clock) {
        this.authorization = "Bearer " + key;
        this.contacts = new Contacts(count);
        this.clock = clock;
        this.server = WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .port(port)
                .shutdownHook(false)
                .routing(this::route)
                .build()
                .start();
    }

    private void route(HttpRouting.Builder routes) {
        routes.addFilter(this::guard)
                .get(
                        "/me",
                        (_, res) ->
                                send(res, Status.OK_200, JSON.createObjectNode().put("account", "Sample Inc.")))
                .get("/custom-fields", (_, res) -> send(res, CUSTOM_FIELDS))
                .get("/contacts", this::list)
                .get("/contacts/{id}", this::read)
                .patch("/contacts/{id}", this::change)
                .delete("/contacts/{id}", this::remove)
                .post("/_faults", this::planFault)
                .delete("/_faults", (_, res) -> {
                    faults.clear();
                    res.status(Status.NO_CONTENT_204).send();
                })
                .any((req, res) -> fail(
                        res,
                        Status.NOT_FOUND_404,
                        "There is nothing at " + req.path().path() + "."));
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private void guard(FilterChain chain, RoutingRequest req, RoutingResponse res) {
        var path = req.path().absolute().path();
        if (!req.headers()
                .first(HeaderNames.AUTHORIZATION)
                .filter(authorization::equals)
                .isPresent()) {
            fail(res, Status.UNAUTHORIZED_401, "Send the header Authorization: Bearer <API key>.");
            return;
        }
        if (!path.startsWith("/_faults")) {
            var fault = faults.next(path);
            if (fault.isPresent() && play(fault.get(), res)) {
                return;
            }
        }
        chain.proceed();
    }

    /** Whether the fault was the answer. */
    private static boolean play(Faults.Fault fault, ServerResponse res) {
        try {
            TimeUnit.MILLISECONDS.sleep(fault.delayMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (fault.status() == 0) {
            return false;
        }
        if (fault.retryAfter() > 0) {
            res.header(HeaderNames.RETRY_AFTER, Integer.toString(fault.retryAfter()));
        }
        fail(res, Status.create(fault.status()), "A planned fault.");
        return true;
    }

    private void list(ServerRequest req, ServerResponse res) {
        var query = req.query();
        int limit;
        try {
            limit = Integer.parseInt(query.first("limit").orElse(Integer.toString(USUAL_LIMIT)));
        } catch (NumberFormatException e) {
            limit = 0;
        }
        if (limit < 1 || limit > LARGEST_LIMIT) {
            fail(res, Status.BAD_REQUEST_400, "limit must be a number from 1 to " + LARGEST_LIMIT + ".");
            return;
        }
        var archived = query.first("archived").orElse("false");
        if (!List.of("true", "false", "all").contains(archived)) {
            fail(res, Status.BAD_REQUEST_400, "archived must be true, false or all.");
            return;
        }
        Predicate<Contact> filter =
                archived.equals("all") ? _ -> true : contact -> contact.archived() == archived.equals("true");
        var region = query.first("region").orElse("");
        if (!region.isEmpty()) {
            filter = filter.and(contact -> contact.region().equals(region));
        }
        send(res, contacts.page(query.first("cursor").orElse(""), limit, filter));
    }

    private void read(ServerRequest req, ServerResponse res) {
        contacts.find(id(req)).ifPresentOrElse(contact -> send(res, contact.json()), () -> unknown(req, res));
    }

    private void change(ServerRequest req, ServerResponse res) {
        var found = contacts.find(id(req));
        if (found.isEmpty()) {
            unknown(req, res);
            return;
        }
        var node = found.get().node();
        try {
            merge(node, JSON.readTree(req.content().as(String.class)));
        } catch (JacksonException | IllegalArgumentException e) {
            fail(res, Status.BAD_REQUEST_400, String.valueOf(e.getMessage()));
            return;
        }
        node.put("updated_at", clock.instant().toString());
        var changed = Contact.of(node);
        contacts.put(changed);
        send(res, changed.json());
    }

    private static void merge(ObjectNode contact, JsonNode changes) {
        for (var change : changes.properties()) {
            if (change.getKey().equals("custom") && change.getValue().isObject()) {
                ((ObjectNode) contact.path("custom")).setAll((ObjectNode) change.getValue());
            } else if (CHANGEABLE.contains(change.getKey())) {
                contact.set(change.getKey(), change.getValue());
            } else {
                throw new IllegalArgumentException("A contact's " + change.getKey() + " cannot be changed.");
            }
        }
    }

    private void remove(ServerRequest req, ServerResponse res) {
        if (contacts.remove(id(req))) {
            res.status(Status.NO_CONTENT_204).send();
        } else {
            unknown(req, res);
        }
    }

    private void planFault(ServerRequest req, ServerResponse res) {
        try {
            faults.plan(Faults.Fault.of(JSON.readTree(req.content().as(String.class))));
            res.status(Status.NO_CONTENT_204).send();
        } catch (JacksonException e) {
            fail(res, Status.BAD_REQUEST_400, e.getOriginalMessage());
        }
    }

    private static String id(ServerRequest req) {
        return req.path().pathParameters().get("id");
    }

    private static void unknown(ServerRequest req, ServerResponse res) {
        fail(res, Status.NOT_FOUND_404, "There is no contact " + id(req) + ".");
    }

    private static void fail(ServerResponse res, Status status, String message) {
        send(res, status, JSON.createObjectNode().put("error", message));
    }

    private static void send(ServerResponse res, Status status, ObjectNode body) {
        res.status(status);
        send(res, JSON.writeValueAsBytes(body));
    }

    private static void send(ServerResponse res, byte[] json) {
        res.header(IS_JSON).send(json);
    }

    @Override
    public void close() {
        server.stop();
    }
}
