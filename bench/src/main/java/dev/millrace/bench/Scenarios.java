package dev.millrace.bench;

import java.util.List;
import java.util.stream.Stream;

/** All measurements on a running server, in the order in which they run. */
final class Scenarios {
    private static final String RECORDS = "records";
    private static final int STORED = 1000;

    private Scenarios() {}

    static List<Scenario> all() {
        return Stream.concat(ofApi().stream(), DashboardPages.scenarios().stream())
                .toList();
    }

    private static List<Scenario> ofApi() {
        return List.of(
                new Idle(),
                new Requests(
                        "get-connection",
                        "GET /connections/{id}: credentials decrypted, metadata",
                        new Reference("8.6", 8.6),
                        _ -> {},
                        (stage, client) -> new Call("GET", connection(client), headers(stage, client), "")),
                new Requests(
                        "get-fresh-token",
                        "GET /connections/{id} of OAuth 2 with a token that is good: decrypted, judged, not renewed",
                        Reference.NONE,
                        Tokens::prepare,
                        (stage, _) -> Tokens.get(stage, Tokens.FRESH)),
                new Tokens(),
                metadata("set-metadata", "POST", new Reference("7.5", 7.5)),
                metadata("update-metadata", "PATCH", new Reference("6.2", 6.2)),
                new Requests(
                        "get-metadata",
                        "GET /connections/{id}/metadata",
                        Reference.NONE,
                        _ -> {},
                        (stage, client) -> new Call("GET", metadata(client, ""), headers(stage, client), "")),
                new Requests(
                        "check-metadata",
                        "GET /connections/{id}/metadata/check against the schema of one sync",
                        Reference.NONE,
                        _ -> {},
                        (stage, client) -> new Call("GET", metadata(client, "/check"), headers(stage, client), "")),
                new Requests(
                        "get-of-100000",
                        "GET /connections/{id} by key, one of 100,000",
                        Reference.NONE,
                        ManyConnections::gather,
                        (stage, client) -> new Call("GET", ManyConnections.byId(client), headers(stage, client), "")),
                new Requests(
                        "lookup-metadata",
                        "GET /connections?metadata[emailAddress]=..., one of 100,000",
                        Reference.NONE,
                        ManyConnections::gather,
                        (stage, client) ->
                                new Call("GET", ManyConnections.byMetadata(client), headers(stage, client), "")),
                page("records-page", 100, new Reference("17.6", 17.6)),
                page("records-page-1000", 1_000, Reference.NONE),
                ManyRecords.scenario("records-page-deep", 100, ManyRecords.MILLION / 2),
                new Requests(
                        "proxy-get",
                        "GET /proxy/echo: a small answer of a local API",
                        new Reference("9-12", 9),
                        _ -> {},
                        (stage, client) -> new Call("GET", "/proxy/echo", headers(stage, client), "")),
                echo(),
                echo().by(1),
                echo().by(16),
                new FirstCalls(),
                new Sync(10_000, new Reference("7.1 s", 7.1)),
                new Sync(100_000, new Reference("320 s, 395 CPU-s", 320)),
                new Crossing(),
                new Mapping(),
                new Webhooks(),
                new WebhooksIn(),
                new WebhookFlood(),
                new Waiting());
    }

    private static Requests page(String name, int limit, Reference reference) {
        return new Requests(
                name,
                "GET /records?limit=" + limit + ": a page of records of 900 bytes",
                reference,
                stage -> Sync.fill(stage, RECORDS, STORED),
                (stage, _) ->
                        new Call("GET", "/records?model=Item&limit=" + limit, Requests.headers(stage, RECORDS), ""));
    }

    private static Requests echo() {
        return new Requests(
                "action-echo",
                "POST /action/trigger: a function that answers its input",
                new Reference("66", 66),
                _ -> {},
                (stage, client) -> new Call(
                        "POST",
                        "/action/trigger",
                        headers(stage, client),
                        "{\"action_name\":\"echo\",\"input\":{\"message\":\"hello\"}}"));
    }

    private static Requests metadata(String name, String method, Reference reference) {
        return new Requests(
                name,
                method + " /connections/metadata of one connection",
                reference,
                _ -> {},
                (stage, client) -> new Call(
                        method,
                        "/connections/metadata",
                        headers(stage, client),
                        "{\"connection_id\":\"" + Stage.connection(client) + "\",\"provider_config_key\":\""
                                + Stage.INTEGRATION
                                + "\",\"metadata\":{\"plan\":\"gold" + Call.TURN
                                + "\",\"fieldMapping\":{\"plan\":\"cf_plan\"}}}"));
    }

    private static String metadata(int client, String rest) {
        return "/connections/" + Stage.connection(client) + "/metadata" + rest + "?provider_config_key="
                + Stage.INTEGRATION;
    }

    private static String connection(int client) {
        return "/connections/" + Stage.connection(client) + "?provider_config_key=" + Stage.INTEGRATION;
    }

    private static List<String> headers(Stage stage, int client) {
        return Requests.headers(stage, Stage.connection(client));
    }
}
