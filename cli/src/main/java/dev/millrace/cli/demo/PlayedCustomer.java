package dev.millrace.cli.demo;

import java.io.IOException;
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
    private static final int MOST_REDIRECTS = 5;

    @Override
    public void connect(Invitation invitation, Consumer<String> tell) throws IOException, InterruptedException {
        tell.accept("The demo plays the customer's browser: it signs in to the CRM and allows the app.");
        var login = invitation
                .link()
                .resolve("/oauth/connect/" + invitation.integration() + "?connect_session_token="
                        + URLEncoder.encode(invitation.token(), StandardCharsets.UTF_8));
        try (var http = HttpClient.newHttpClient()) {
            var browser = new Browser(http, invitation.link().getAuthority());
            var asked = browser.open(login);
            // The form of the CRM's page has the parameters of its address, and the decision. Its answer leads back.
            var decision = HttpRequest.newBuilder(
                            URI.create(asked.uri().toString().replaceFirst("\\?.*", "")))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString(asked.uri().getRawQuery() + "&decision=allow"));
            browser.open(location(http.send(decision.build(), BodyHandlers.ofString())));
        }
        DemoFailure.unless(invitation.connected().getAsBoolean(), "The login made no connection.");
    }

    /** Java's own cookies have the form of RFC 2965, which no browser sends. */
    private static final class Browser {
        private final HttpClient http;
        private final String server;
        private String cookie = "";

        /** @param server whose cookie is kept */
        Browser(HttpClient http, String server) {
            this.http = http;
            this.server = server;
        }

        HttpResponse<String> open(URI address) throws IOException, InterruptedException {
            var at = address;
            for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
                var request = HttpRequest.newBuilder(at);
                boolean ours = server.equals(at.getAuthority());
                if (ours && !cookie.isEmpty()) {
                    request.header("Cookie", cookie);
                }
                var response = http.send(request.build(), BodyHandlers.ofString());
                if (ours) {
                    response.headers()
                            .firstValue("Set-Cookie")
                            .ifPresent(set -> cookie = set.substring(0, set.indexOf(';')));
                }
                if (response.statusCode() == 200) {
                    return response;
                }
                at = at.resolve(location(response));
            }
            throw new DemoFailure(address + " redirects without an end.");
        }
    }

    private static URI location(HttpResponse<String> response) {
        DemoFailure.unless(
                response.statusCode() == 302,
                "%s answered %d: %s".formatted(response.uri().getPath(), response.statusCode(), text(response.body())));
        return URI.create(response.headers().firstValue("Location").orElse(""));
    }

    /** The text of a page, without its style and scripts. */
    private static String text(String page) {
        return page.replaceAll("(?s)<(style|script).*?</\\1>|<[^>]*>", " ")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
