package dev.millrace.server.ui;

import dev.millrace.server.db.Outage;
import dev.millrace.server.environment.Environment;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Issue;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entry point of the dashboard: what all pages have in common. It finds the session and the environment of a request,
 * checks that forms come from its pages, and turns failures into pages. The classes {@code …Pages} define the pages.
 * Thread-safe.
 */
public final class Dashboard implements AutoCloseable {
    /** All pages are below it; the environment follows. */
    static final String ROOT = "/ui";

    /** Pages outside of environments: no environment can have this name. */
    static final String SYSTEM = ROOT + "/~";

    private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);

    /** Scripts and styles come from files of this server only; no page may be put into a frame. */
    private static final Map<String, List<String>> HEADERS = Map.of(
            "Content-Type", List.of("text/html; charset=utf-8"),
            "Cache-Control", List.of("no-store"),
            "X-Content-Type-Options", List.of("nosniff"),
            "X-Frame-Options", List.of("DENY"),
            "Referrer-Policy", List.of("same-origin"),
            "Cross-Origin-Opener-Policy", List.of("same-origin"),
            "Content-Security-Policy",
                    List.of(
                            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
                                    + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"));

    private final Environments environments;
    private final Sessions sessions;
    private final Supplier<String> publicUrl;
    private final String version;
    private final IntSupplier servers;
    private final Clock clock;
    private final Assets assets = new Assets();
    private final Live live = new Live();
    private final SignInPages signIn;
    private List<Section> sections = List.of();
    private TroubleCount troubles = (_, _) -> 0;

    /**
     * @param publicUrl how clients reach this server
     * @param servers how many servers the cluster has
     */
    public Dashboard(
            Environments environments,
            Sessions sessions,
            SignIn signIn,
            Supplier<String> publicUrl,
            String version,
            IntSupplier servers,
            Clock clock) {
        this.environments = environments;
        this.sessions = sessions;
        this.publicUrl = publicUrl;
        this.version = version;
        this.servers = servers;
        this.clock = clock;
        this.signIn = new SignInPages(this, signIn, sessions);
    }

    /** How many things of an environment need a person, for the navigation. */
    @FunctionalInterface
    interface TroubleCount {
        int of(long environment, Instant now);
    }

    void countTroubles(TroubleCount count) {
        troubles = count;
    }

    /** The code behind a page or a form. */
    @FunctionalInterface
    interface Handler {
        Response handle(Visit visit) throws InterruptedException;
    }

    /** The code behind live parts: called when a browser connects. */
    @FunctionalInterface
    interface LiveHandler {
        Live.Source open(Visit visit) throws InterruptedException;
    }

    /**
     * All routes: those of the pages, the sign-in and the static files. The navigation shows the sections that the pages
     * answer.
     */
    public List<Route> routes(List<Route> pages) {
        var patterns = pages.stream().map(Route::pattern).toList();
        sections = Stream.of(Section.values())
                .filter(section -> patterns.contains(pattern("/" + section.path())))
                .toList();
        var all = new ArrayList<>(pages);
        all.addAll(signIn.routes());
        all.addAll(assets.routes());
        all.add(Route.get(ROOT, request -> redirect(home(request))));
        all.add(Route.get(
                ROOT + "/{environment}",
                request -> redirect(path(request.variable("environment"), Section.OVERVIEW.path()))));
        all.add(get("/{rest...}", visit -> {
            throw visit.missing("There is no such page. The address may be incomplete.");
        }));
        return all;
    }

    /** A page of an environment. */
    Route get(String path, Handler handler) {
        return new Route(
                "GET", pattern(path), List.of(), true, request -> answer(request, FormData.parse(""), false, handler));
    }

    /** What a form of a page does. */
    Route post(String path, Handler handler) {
        return new Route(
                "POST",
                pattern(path),
                List.of(),
                true,
                request -> answer(request, FormData.ofBody(request), true, handler));
    }

    /** Live parts of a page. */
    Route live(String path, LiveHandler handler) {
        return get(path, visit -> live.stream(handler.open(visit), visit::isSignedIn));
    }

    private static String pattern(String path) {
        return ROOT + "/{environment}" + path;
    }

    /** Leads people who open the root to the dashboard. Everybody else gets what the route does for them. */
    public Route front(Route root) {
        return Route.get(
                root.pattern(),
                request ->
                        isForPeople(request) ? redirect(ROOT) : root.handler().handle(request));
    }

    private static boolean isForPeople(Request request) {
        return request.header("Upgrade").isEmpty()
                && request.header("Accept")
                        .filter(types -> types.contains("text/html"))
                        .isPresent();
    }

    private String home(Request request) {
        return isSignedIn(request) ? first() : SYSTEM + "/sign-in";
    }

    /** The overview of the oldest environment. */
    String first() {
        return environments.list().stream()
                .findFirst()
                .map(environment -> path(environment.name(), Section.OVERVIEW.path()))
                .orElse(SYSTEM + "/sign-in");
    }

    boolean isSignedIn(Request request) {
        return Cookies.of(request).session().filter(sessions::use).isPresent();
    }

    boolean isOpen(String session) {
        return sessions.use(session);
    }

    private Response answer(Request request, FormData form, boolean changes, Handler handler)
            throws InterruptedException {
        Environment environment = null;
        var session = "";
        try {
            session = Cookies.of(request).session().filter(sessions::use).orElse("");
            if (session.isEmpty()) {
                return toSignIn(request);
            }
            if (changes) {
                checkForm(request, form, session);
            }
            var name = request.variable("environment");
            environment = environments
                    .find(name)
                    .orElseThrow(() -> Failure.plain(404, "not_found", "There is no environment “" + name + "”."));
            return handler.handle(new Visit(this, request, environment, session, form));
        } catch (Failure failure) {
            return failed(request, session, environment, failure.status(), text(failure), "");
        } catch (RuntimeException e) {
            return unexpected(request, session, environment, e);
        }
    }

    private Response toSignIn(Request request) {
        if (request.header("HX-Request").isPresent()
                || request.header("Accept").filter("text/event-stream"::equals).isPresent()) {
            return new Response.Empty(401, Map.of("HX-Redirect", List.of(SYSTEM + "/sign-in")));
        }
        var next = request.method().equals("POST") ? "" : address(request);
        return redirect(SYSTEM + "/sign-in" + (next.isEmpty() ? "" : "?next=" + View.encode(next)));
    }

    /** Refuses forms of other sites. */
    void checkForm(Request request, FormData form, String session) {
        if (!Csrf.isOurs(request, publicUrl.get()) || !Csrf.proves(form.text("csrf"), session)) {
            throw Failure.plain(
                    403,
                    "invalid_form",
                    "This form is too old, or it does not come from this dashboard. Nothing was changed: go back, load the page"
                            + " again and repeat it.");
        }
    }

    private Response unexpected(
            Request request, String session, @Nullable Environment environment, RuntimeException e) {
        var outage = Outage.behind(e);
        if (outage.isPresent()) {
            LOG.warn("{} {} failed: {}", request.method(), request.rawPath(), e.getMessage());
            return failed(request, session, environment, 503, outage.get().message(), "");
        }
        var reference = UUID.randomUUID().toString();
        LOG.error("{} {} failed; id {}", request.method(), request.rawPath(), reference, e);
        return failed(request, session, environment, 500, "Something unexpected happened on the server.", reference);
    }

    private static String text(Failure failure) {
        if (failure instanceof Failure.Invalid invalid) {
            return invalid.issues().stream().map(Issue::message).collect(Collectors.joining(" "));
        }
        return Optional.ofNullable(failure.getMessage()).orElse("This was refused.");
    }

    /** @param reference under which the log of the server has more; may be empty */
    private Response failed(
            Request request,
            String session,
            @Nullable Environment environment,
            int status,
            String text,
            String reference) {
        var title = switch (status) {
            case 403 -> "Not allowed";
            case 404 -> "Not found";
            case 409 -> "Conflict";
            case 500, 503 -> "This page could not be loaded";
            default -> "This was not accepted";
        };
        var page = environment == null || status >= 500
                ? bare(request, title, session)
                : frame(request, title, null, environment, session);
        return html(
                status,
                Html.bytes(page, (out, p) -> JtefailureGenerated.render(out, Html.NONE, p, status, text, reference)));
    }

    /** What templates know of a page of an environment. */
    Page frame(Request request, String title, @Nullable Section section, Environment environment, String session) {
        var names = environments.list().stream().map(Environment::name).toList();
        int attention = troubles.of(environment.id(), now());
        return page(request, title, Optional.ofNullable(section), environment.name(), names, attention, session);
    }

    /** What templates know of a page outside of environments. */
    Page bare(Request request, String title, String session) {
        return page(request, title, Optional.empty(), "", List.of(), 0, session);
    }

    private Page page(
            Request request,
            String title,
            Optional<Section> section,
            String environment,
            List<String> names,
            int attention,
            String session) {
        var cookies = Cookies.of(request);
        return new Page(
                title,
                section,
                environment,
                names,
                sections,
                session.isEmpty() ? "" : Csrf.token(session),
                request.method().equals("POST") && !environment.isEmpty()
                        ? path(environment, section.orElse(Section.OVERVIEW).path())
                        : address(request),
                cookies.theme(),
                assets,
                version,
                servers.getAsInt(),
                attention,
                now(),
                cookies.zone());
    }

    /** The page of a form has no address of its own: what it offers leads to the section that it belongs to. */
    private static String address(Request request) {
        return request.rawPath() + (request.rawQuery().isEmpty() ? "" : '?' + request.rawQuery());
    }

    /** Whether cookies are for HTTPS only. */
    boolean isSecure(Request request) {
        return request.origin().scheme().toLowerCase(Locale.ROOT).equals("https")
                || publicUrl.get().startsWith("https:");
    }

    /** The host that the browser has asked. */
    static String host(Request request) {
        return request.origin().authority();
    }

    Instant now() {
        return clock.instant();
    }

    /** The path of a page of an environment. Each segment is encoded. */
    static String path(String environment, String... segments) {
        var path = new StringBuilder(ROOT).append('/').append(View.encode(environment));
        for (var segment : segments) {
            path.append('/').append(View.encode(segment));
        }
        return path.toString();
    }

    /** A path of this dashboard from outside, or a replacement. Everything else would lead people to other sites. */
    static String own(String path, String otherwise) {
        try {
            var uri = URI.create(path);
            return uri.getScheme() == null && uri.getRawAuthority() == null && path.startsWith(ROOT + "/")
                    ? uri.toString()
                    : otherwise;
        } catch (IllegalArgumentException _) {
            return otherwise;
        }
    }

    static Response html(int status, byte[] body) {
        return new Response.Bytes(status, HEADERS, body);
    }

    static Response redirect(String path, String... cookies) {
        return cookies.length == 0
                ? new Response.Empty(303, Map.of("Location", List.of(path)))
                : new Response.Empty(303, Map.of("Location", List.of(path), "Set-Cookie", List.of(cookies)));
    }

    /** Ends what is live. */
    @Override
    public void close() {
        live.close();
    }
}
