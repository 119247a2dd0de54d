package dev.millrace.cli.demo;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Connects by the requests that a browser sends when a customer signs in to the CRM and allows the app. */
public final class PlayedCustomer implements Customer {
    @Override
    public void connect(Invitation invitation, Consumer<String> tell) throws IOException, InterruptedException {
        tell.accept("The demo plays the customer's browser: it signs in to the CRM and allows the app.");
        try (var http = HttpClient.newBuilder()
                .cookieHandler(new CookieManager())
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build()) {
            var login = invitation
                    .link()
                    .resolve("/oauth/connect/" + invitation.integration() + "?connect_session_token="
                            + URLEncoder.encode(invitation.token(), StandardCharsets.UTF_8));
            var asked = send(http, HttpRequest.newBuilder(login));
            // The form of the CRM's page has the parameters of its address, and the decision.
            var form = asked.uri().getRawQuery() + "&decision=allow";
            send(
                    http,
                    HttpRequest.newBuilder(URI.create(asked.uri().toString().replaceFirst("\\?.*", "")))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(BodyPublishers.ofString(form)));
        }
        DemoFailure.unless(invitation.connected().getAsBoolean(), "The login made no connection.");
    }

    private static HttpResponse<String> send(HttpClient http, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        var response = http.send(request.build(), BodyHandlers.ofString());
        DemoFailure.unless(
                response.statusCode() == 200,
                "%s answered %d: %s".formatted(response.uri(), response.statusCode(), response.body()));
        return response;
    }
}
