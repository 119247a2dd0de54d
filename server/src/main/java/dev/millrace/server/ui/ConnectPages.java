package dev.millrace.server.ui;

import dev.millrace.server.connect.ConnectLinks;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Issue;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Makes links with which customers connect, or connect again. */
public final class ConnectPages {
    private final Dashboard dashboard;
    private final ConnectLinks links;
    private final Integrations integrations;

    public ConnectPages(Dashboard dashboard, ConnectLinks links, Integrations integrations) {
        this.dashboard = dashboard;
        this.links = links;
        this.integrations = integrations;
    }

    public List<Route> routes() {
        return List.of(dashboard.get("/connect", this::show), dashboard.post("/connect", this::make));
    }

    /**
     * The form and what became of it.
     *
     * @param connection set: it is to be connected again
     */
    record Form(
            List<String> integrations,
            String integration,
            String connection,
            String customer,
            String name,
            Optional<ConnectLinks.Link> link,
            String error) {}

    private Response show(Visit visit) {
        return page(visit, 200, form(visit, visit.query(), Optional.empty(), ""));
    }

    private Form form(Visit visit, FormData fields, Optional<ConnectLinks.Link> link, String error) {
        var keys = integrations.list(visit.environmentId()).stream()
                .map(Integration::uniqueKey)
                .toList();
        return new Form(
                keys,
                fields.find("integration").orElse(""),
                fields.find("connection").orElse(""),
                fields.find("customer").orElse(""),
                fields.find("name").orElse(""),
                link,
                error);
    }

    private static Response page(Visit visit, int status, Form form) {
        return visit.page(
                status,
                form.connection().isEmpty() ? "Connect a customer" : "Connect again",
                Section.CONNECTIONS,
                (out, page) -> JteconnectGenerated.render(out, Html.NONE, page, form));
    }

    private Response make(Visit visit) {
        var fields = visit.form();
        try {
            var integration = fields.find("integration");
            var connection = fields.find("connection");
            var link = connection.isPresent()
                    ? links.reconnect(visit.environmentId(), integration.orElse(""), connection.get())
                    : links.create(
                            visit.environmentId(),
                            integration,
                            fields.find("customer").orElse(""),
                            fields.find("name"));
            return page(visit, 200, form(visit, fields, Optional.of(link), ""));
        } catch (Failure.Invalid invalid) {
            var error = invalid.issues().stream().map(Issue::message).collect(Collectors.joining(" "));
            return page(visit, 400, form(visit, fields, Optional.empty(), error));
        }
    }
}
