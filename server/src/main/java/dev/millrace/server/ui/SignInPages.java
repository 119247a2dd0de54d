package dev.millrace.server.ui;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import java.util.LinkedHashMap;
import java.util.List;

/** The pages outside of environments: sign-in, sign-out, the theme, the switch of environments. */
final class SignInPages {
    private static final String SIGN_IN = Dashboard.SYSTEM + "/sign-in";

    private final Dashboard dashboard;
    private final SignIn signIn;
    private final Sessions sessions;

    SignInPages(Dashboard dashboard, SignIn signIn, Sessions sessions) {
        this.dashboard = dashboard;
        this.signIn = signIn;
        this.sessions = sessions;
    }

    List<Route> routes() {
        return List.of(
                Route.get(SIGN_IN, this::show),
                form(SIGN_IN, this::enter),
                form(Dashboard.SYSTEM + "/sign-out", this::leave),
                form(Dashboard.SYSTEM + "/theme", this::theme),
                Route.get(Dashboard.SYSTEM + "/environment", this::change));
    }

    private static Route form(String path, Route.Handler handler) {
        return new Route("POST", path, List.of(), true, handler);
    }

    private Response show(Request request) {
        var next = FormData.ofQuery(request).text("next");
        return dashboard.isSignedIn(request)
                ? Dashboard.redirect(Dashboard.own(next, dashboard.first()))
                : page(request, 200, next, "");
    }

    /**
     * Before the sign-in, the browser gets an id that belongs to no session, to bind the form to. The session gets a new
     * one, so that an id that somebody has put into the browser is worth nothing.
     */
    private Response page(Request request, int status, String next, String error) {
        var known = Cookies.of(request).session();
        var id = known.orElseGet(sessions::newId);
        var frame = dashboard.bare(request, "Sign in", id);
        var body = Html.bytes(
                frame,
                (out, page) -> JtesignInGenerated.render(
                        out, Html.NONE, page, Dashboard.host(request), Dashboard.own(next, ""), error));
        var response = Dashboard.html(status, body);
        var headers = new LinkedHashMap<>(response.headers());
        headers.put("Set-Cookie", List.of(Cookies.ofSession(id, dashboard.isSecure(request))));
        return new Response.Bytes(status, headers, body);
    }

    private Response enter(Request request) throws InterruptedException {
        var form = FormData.ofBody(request);
        var next = form.text("next");
        var before = Cookies.of(request).session().orElse("");
        try {
            dashboard.checkForm(request, form, before);
            var outcome = signIn.attempt(request.origin().client(), form.text("password"));
            if (outcome.session().isPresent()) {
                sessions.end(before);
                var cookie = Cookies.ofSession(outcome.session().get(), dashboard.isSecure(request));
                return Dashboard.redirect(Dashboard.own(next, dashboard.first()), cookie);
            }
            return outcome.left() > 0
                    ? page(request, 403, next, wrong(outcome.left()))
                    : page(
                            request,
                            429,
                            next,
                            "Too many tries. Wait " + View.duration(outcome.pause()) + ", then try again.");
        } catch (Failure failure) {
            return page(
                    request,
                    failure.status(),
                    next,
                    failure.status() == 403
                            ? "The page was too old. Enter the password again."
                            : String.valueOf(failure.getMessage()));
        }
    }

    private static String wrong(int left) {
        return "That is not the password. "
                + (left == 1 ? "One try is" : left + " tries are")
                + " left before a pause of one minute.";
    }

    private Response leave(Request request) {
        var session = Cookies.of(request).session().orElse("");
        dashboard.checkForm(request, FormData.ofBody(request), session);
        sessions.end(session);
        return Dashboard.redirect(SIGN_IN, Cookies.noSession(dashboard.isSecure(request)));
    }

    private Response theme(Request request) {
        var form = FormData.ofBody(request);
        dashboard.checkForm(request, form, Cookies.of(request).session().orElse(""));
        var theme = List.of("light", "dark").contains(form.text("theme")) ? form.text("theme") : "";
        var next = Dashboard.own(form.text("next"), Dashboard.ROOT);
        return Dashboard.redirect(next, Cookies.ofTheme(theme, dashboard.isSecure(request)));
    }

    /** The switch of environments is a form without a script. */
    private Response change(Request request) {
        var query = FormData.ofQuery(request);
        var section = query.find("section").orElse(Section.OVERVIEW.path());
        return Dashboard.redirect(Dashboard.path(query.text("environment"), section));
    }
}
