package dev.millrace.cli.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import tools.jackson.databind.json.JsonMapper;

/** The CRM as an employee of the customer uses it, without Millrace. */
final class CustomerCrm implements AutoCloseable {
    private static final int LARGEST_PAGE = 1000;

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI url;
    private final String key;
    private final Narrator narrator;

    CustomerCrm(URI url, String key, Narrator narrator) {
        this.url = url;
        this.key = key;
        this.narrator = narrator;
    }

    /** Counts contacts, to compare with the app. */
    int count(String archived) throws IOException, InterruptedException {
        int count = 0;
        var cursor = "";
        do {
            var page = JsonMapper.shared()
                    .readTree(send("GET", "/contacts?archived=" + archived + "&limit=" + LARGEST_PAGE + cursor, ""));
            count += page.path("data").size();
            cursor = page.path("next_cursor")
                    .asStringOpt()
                    .map(next -> "&cursor=" + next)
                    .orElse("");
        } while (!cursor.isEmpty());
        return count;
    }

    void change(String contact, String json) throws IOException, InterruptedException {
        told("PATCH", "/contacts/" + contact, json);
    }

    void remove(String contact) throws IOException, InterruptedException {
        told("DELETE", "/contacts/" + contact, "");
    }

    private void told(String method, String path, String body) throws IOException, InterruptedException {
        narrator.curl("curl -X " + method + " '" + url.resolve(path) + "' -H 'Authorization: Bearer " + key + "'"
                + (body.isEmpty() ? "" : " -d '" + body + "'"));
        send(method, path, body);
    }

    private String send(String method, String path, String body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url.resolve(path))
                .header("Authorization", "Bearer " + key)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        var response = http.send(request.build(), BodyHandlers.ofString());
        DemoFailure.unless(
                response.statusCode() < 300,
                "The CRM responded with %d to %s %s: %s"
                        .formatted(response.statusCode(), method, path, response.body()));
        return response.body();
    }

    @Override
    public void close() {
        http.close();
    }
}
