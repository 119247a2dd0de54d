package dev.millrace.cli.crm;

import dev.millrace.server.http.PlainHttp;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A small CRM: API key or login, cursor pagination, custom fields, archived contacts, and simulated failures. Listens on the
 * loopback address only. Thread-safe.
 */
public final class SampleCrm implements AutoCloseable {
    /** The default number of contacts. */
    public static final int USUAL_COUNT = 3000;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String BEARER = "Bearer ";
    private static final int USUAL_LIMIT = 100;
    private static final int LARGEST_LIMIT = 1000;
    private static final List<String> CHANGEABLE = List.of("email", "name", "region", "archived");
    private static final byte[] CUSTOM_FIELDS = """
            {"fields":[{"key":"cf_plan","label":"Subscription plan","type":"string"},\
            {"key":"cf_seats","label":"Number of seats","type":"number"},\
            {"key":"cf_owner","label":"Account owner","type":"string"}]}""".getBytes(StandardCharsets.UTF_8);

    /**
     * The one app that is registered for the login.
     *
     * @param id its client id
     * @param secret its client secret
     */
    public record Client(String id, String secret) {
        /** That of the demo. */
        public static final Client DEMO = new Client("millrace-demo", "demo-secret");
    }

    private final String authorization;
    private final SampleLogin login;
    private final Contacts contacts;
    private final Faults faults = new Faults();
    private final InstantSource clock;
    private final PlainHttp server;

    /** Starts it; port 0 picks a free one. */
    public SampleCrm(int port, String key, int count) {
        this(port, key, count, InstantSource.system());
    }

    SampleCrm(int port, String key, int count, InstantSource clock) {
        this.authorization = BEARER + key;
        this.login = new SampleLogin(Client.DEMO, clock);
        this.contacts = new Contacts(count);
        this.clock = clock;
        this.server = new PlainHttp(
                port, Stream.concat(login.routes().stream(), routes().stream()).toList());
    }

    private List<Route> routes() {
        return Stream.of(
                        Route.get(
                                "/me", _ -> answer(200, JSON.createObjectNode().put("account", "Sample Inc."))),
                        Route.get("/custom-fields", _ -> answer(CUSTOM_FIELDS)),
                        Route.get("/contacts", this::list),
                        Route.get("/contacts/{id}", this::read),
                        Route.patch("/contacts/{id}", this::change),
                        Route.delete("/contacts/{id}", this::remove),
                        Route.post("/_faults", this::planFault),
                        Route.delete("/_faults", _ -> {
                            faults.clear();
                            return Response.empty(204);
                        }),
                        Route.any("/", SampleCrm::nothing),
                        Route.any("/{path...}", SampleCrm::nothing))
                .map(route -> new Route(route.method(), route.pattern(), List.of(), true, guarded(route.handler())))
                .toList();
    }

    private static Response nothing(Request req) {
        return fail(404, "There is nothing at " + req.rawPath() + ".");
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private Route.Handler guarded(Route.Handler handler) {
        return req -> {
            if (!req.header("Authorization").filter(this::isAuthorized).isPresent()) {
                return fail(401, "Send the header Authorization: Bearer <API key or access token>.");
            }
            var fault =
                    req.rawPath().startsWith("/_faults") ? Optional.<Faults.Fault>empty() : faults.next(req.rawPath());
            if (fault.isPresent()) {
                TimeUnit.MILLISECONDS.sleep(fault.get().delayMillis());
                if (fault.get().status() != 0) {
                    return failed(fault.get());
                }
            }
            return handler.handle(req);
        };
    }

    private boolean isAuthorized(String header) {
        return header.equals(authorization)
                || (header.startsWith(BEARER) && login.isValid(header.substring(BEARER.length())));
    }

    private static Response failed(Faults.Fault fault) {
        var headers = fault.retryAfter() > 0
                ? Map.of("Retry-After", List.of(Integer.toString(fault.retryAfter())))
                : Map.<String, List<String>>of();
        return answer(fault.status(), headers, JSON.createObjectNode().put("error", "A planned fault."));
    }

    private Response list(Request req) {
        var query = req.queryTree();
        int limit;
        try {
            limit = Integer.parseInt(query.path("limit").asString(Integer.toString(USUAL_LIMIT)));
        } catch (NumberFormatException e) {
            limit = 0;
        }
        if (limit < 1 || limit > LARGEST_LIMIT) {
            return fail(400, "limit must be a number from 1 to " + LARGEST_LIMIT + ".");
        }
        var archived = query.path("archived").asString("false");
        if (!List.of("true", "false", "all").contains(archived)) {
            return fail(400, "archived must be true, false or all.");
        }
        Predicate<Contact> filter =
                archived.equals("all") ? _ -> true : contact -> contact.archived() == archived.equals("true");
        var region = query.path("region").asString("");
        if (!region.isEmpty()) {
            filter = filter.and(contact -> contact.region().equals(region));
        }
        return answer(contacts.page(query.path("cursor").asString(""), limit, filter));
    }

    private Response read(Request req) {
        return contacts.find(id(req)).map(contact -> answer(contact.json())).orElseGet(() -> unknown(req));
    }

    private Response change(Request req) {
        var found = contacts.find(id(req));
        if (found.isEmpty()) {
            return unknown(req);
        }
        var node = found.get().node();
        try {
            merge(node, JSON.readTree(req.body()));
        } catch (JacksonException | IllegalArgumentException e) {
            return fail(400, String.valueOf(e.getMessage()));
        }
        node.put("updated_at", clock.instant().toString());
        var changed = Contact.of(node);
        contacts.put(changed);
        return answer(changed.json());
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

    private Response remove(Request req) {
        return contacts.remove(id(req)) ? Response.empty(204) : unknown(req);
    }

    private Response planFault(Request req) {
        try {
            faults.plan(Faults.Fault.of(JSON.readTree(req.body())));
            return Response.empty(204);
        } catch (JacksonException e) {
            return fail(400, e.getOriginalMessage());
        }
    }

    private static String id(Request req) {
        return req.variable("id");
    }

    private static Response unknown(Request req) {
        return fail(404, "There is no contact " + id(req) + ".");
    }

    private static Response fail(int status, String message) {
        return answer(status, JSON.createObjectNode().put("error", message));
    }

    private static Response answer(int status, ObjectNode body) {
        return answer(status, Map.of(), body);
    }

    private static Response answer(int status, Map<String, List<String>> headers, ObjectNode body) {
        var all = new HashMap<>(headers);
        all.put("Content-Type", List.of("application/json"));
        return new Response.Bytes(status, all, JSON.writeValueAsBytes(body));
    }

    private static Response answer(byte[] json) {
        return new Response.Bytes(200, "application/json", json);
    }

    @Override
    public void close() {
        server.close();
    }
}
