package dev.millrace.server.ui;

import dev.millrace.server.environment.Environment;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import java.time.Instant;
import java.time.ZoneId;

/** A request of somebody who is signed in, for a page or by a form of an environment. */
final class Visit {
    private final Dashboard dashboard;
    private final Request request;
    private final Environment environment;
    private final String session;
    private final FormData query;
    private final FormData form;

    Visit(Dashboard dashboard, Request request, Environment environment, String session, FormData form) {
        this.dashboard = dashboard;
        this.request = request;
        this.environment = environment;
        this.session = session;
        this.query = FormData.ofQuery(request);
        this.form = form;
    }

    Environment environment() {
        return environment;
    }

    long environmentId() {
        return environment.id();
    }

    /** The decoded value of a variable in the path. */
    String variable(String name) {
        return request.variable(name);
    }

    FormData query() {
        return query;
    }

    /** The fields of the form that was sent. */
    FormData form() {
        return form;
    }

    boolean isSignedIn() {
        return dashboard.isOpen(session);
    }

    Instant now() {
        return dashboard.now();
    }

    /** The time zone of the browser. */
    ZoneId zone() {
        return Cookies.of(request).zone();
    }

    /** A page of this environment. Each segment is encoded. */
    String link(String... segments) {
        return Dashboard.path(environment.name(), segments);
    }

    /** What templates know of the page. */
    Page frame(String title, Section section) {
        return dashboard.frame(request, title, section, environment, session);
    }

    Response page(String title, Section section, Html.Template template) {
        return page(200, title, section, template);
    }

    /** With another status, such as 400 for a form with mistakes. */
    Response page(int status, String title, Section section, Html.Template template) {
        return Dashboard.html(status, Html.bytes(frame(title, section), template));
    }

    /** The answer to a form that was accepted: the browser loads this page. */
    Response to(String path) {
        return Dashboard.redirect(path);
    }

    /** To throw: there is no such thing. */
    Failure missing(String message) {
        return Failure.plain(404, "not_found", message);
    }
}
