package dev.millrace.server;

import static dev.millrace.server.testkit.BundleProject.accept;
import static dev.millrace.server.testkit.BundleProject.call;
import static dev.millrace.server.testkit.BundleProject.invoke;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.testkit.BundleProject;
import dev.millrace.server.testkit.RawClient;
import dev.millrace.server.testkit.RawClient.Reply;
import dev.millrace.server.testkit.ScriptedApi;
import dev.millrace.server.testkit.ScriptedApi.Given;
import dev.millrace.server.testkit.TestDatabase;
import dev.millrace.server.testkit.TestServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Calls of bundle functions, and what else starts them, at two servers on one database. */
@Timeout(300)
class InvocationTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);
    private static final String TITLED =
            "{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\"}},\"required\":[\"title\"]}";
    private static final String TELL = """
            await nango.post({ endpoint: '/told/%s', baseUrlOverride: '%s', data: trigger, retries: 0 });
            """;
    private static final AtomicInteger inside = new AtomicInteger();
    private static final AtomicInteger most = new AtomicInteger();
    private static final CountDownLatch held = new CountDownLatch(1);

    private static TestServer server;
    private static TestServer peer;
    private static ScriptedApi api;
    private static String hook;

    @BeforeAll
    static void start() {
        api = new ScriptedApi();
        api.answers(InvocationTest::answer);
        server = TestServer.start();
        peer = server.startPeer();
        server.client().createIntegration(Map.of("provider", "unauthenticated", "unique_key", "crm"));
        deploy();
        for (var id : List.of("c1", "serial", "late", "state", "hook", "hook2", "window")) {
            connect(id);
        }
        hook = "/webhook/"
                + TestDatabase.rows(server.databaseUrl(), "SELECT uuid FROM environment WHERE name = 'dev'")
                        .getFirst()
                + "/crm";
    }

    /** The provider. */
    private static Given answer(ScriptedApi.Asked asked) {
        if (asked.path().equals("/begin/5000")) {
            awaitRelease();
        }
        if (asked.path().startsWith("/begin")) {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
        } else if (asked.path().startsWith("/end")) {
            inside.decrementAndGet();
        }
        return Given.json(asked.path().startsWith("/wrong") ? 418 : 200, "{\"kettle\":true}");
    }

    private static void awaitRelease() {
        try {
            held.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void deploy() {
        var project = new BundleProject();
        project.function(
                "show",
                "return { trigger, keys: Object.keys(nango).filter(k => typeof nango[k] === 'function').sort(),"
                        + " type: nango.scriptType, variant: nango.getVariant(), action: typeof nango.triggerAction };");
        project.function("none", "return trigger;").trigger("{\"kind\":\"none\"}");
        project.function("typed", "return trigger.input.title;").input(TITLED);
        project.function("dangling", "return 1;").input("{\"$ref\":\"#/definitions/Nowhere\"}");
        project.function("nothing", "");
        project.function(
                "wrong", "await nango.get({ endpoint: '/wrong', baseUrlOverride: '" + api.url() + "', retries: 0 });");
        project.function("throws", "throw new TypeError('plain failure');");
        project.function("large", "return 'x'.repeat(3 * 1024 * 1024);");
        project.function("state", """
                const { seen = 0 } = (await nango.getCheckpoint()) ?? {};
                await nango.saveCheckpoint({ seen: seen + 1 });
                await nango.updateMetadata({ seen: seen + 1 });
                await nango.batchSave([{ id: 'r' + seen, name: 'n' }], 'Item');
                return { seen: seen + 1, metadata: await nango.getMetadata(), records: typeof nango.listRecords };
                """).stateful();
        var step = "await nango.get({ endpoint: '/%s/' + trigger.input, baseUrlOverride: '" + api.url()
                + "', retries: 0 });";
        project.function("serial", step.formatted("begin") + step.formatted("end") + "return trigger.input;")
                .input("{\"type\":\"number\"}")
                .serial();
        project.function("tick", TELL.formatted("tick", api.url()))
                .trigger("{\"kind\":\"schedule\",\"frequency\":\"every hour\"}");
        project.function("sleeping", TELL.formatted("sleeping", api.url()))
                .trigger("{\"kind\":\"schedule\",\"frequency\":\"every hour\",\"autoStart\":false}");
        project.function("greets", TELL.formatted("greets", api.url()))
                .trigger("{\"kind\":\"event\",\"events\":[\"post-connection-creation\"]}");
        project.function("judges", "if (trigger.connection.connectionId === 'bad') throw new Error('not this one');")
                .trigger("{\"kind\":\"event\",\"events\":[\"validate-connection\"]}");
        project.function("hooked", TELL.formatted("hooked", api.url()))
                .trigger("{\"kind\":\"http\",\"subscriptions\":[\"issue.made\",\"*\"]}");
        project.function("choosy", TELL.formatted("choosy", api.url()))
                .trigger("{\"kind\":\"http\",\"subscriptions\":[\"issue.made\"]}")
                .input(TITLED);
        for (var take : List.of("latest", "first", "all")) {
            project.function(take, TELL.formatted(take, api.url()))
                    .input(TITLED)
                    .trigger("{\"kind\":\"http\",\"debounce\":{\"windowMs\":%d,\"take\":\"%s\",\"maxEntities\":3,"
                                    .formatted(3_600_000, take)
                            + "\"keyBy\":[{\"body\":\"title\"},{\"header\":\"X-Shop\"}]}}");
        }
        project.function("brief", TELL.formatted("brief", api.url()))
                .trigger("{\"kind\":\"http\",\"debounce\":{\"windowMs\":300}}");
        project.deploy(server.raw());
    }

    @AfterAll
    static void stop() {
        peer.close();
        server.close();
        api.close();
    }

    private static int connect(String id) {
        return server.raw().post("/connections", """
                {"provider_config_key":"crm","connection_id":"%s","credentials":{"type":"NONE"}}""".formatted(id)).status();
    }

    private static Reply get(RawClient client, String id) {
        return client.get("/functions/invocations/" + id);
    }

    /** The outcome of an accepted call. */
    private static Reply outcome(RawClient client, String id) {
        return await().atMost(LONGEST_WAIT).until(() -> get(client, id), reply -> reply.status() != 202);
    }

    /** What a function has told the provider. */
    private static List<JsonNode> told(String function) {
        return api.asked().stream()
                .filter(asked -> asked.path().equals("/told/" + function))
                .map(asked -> RawClient.JSON.readTree(asked.text()))
                .toList();
    }

    private static List<JsonNode> told(String function, String connection) {
        return told(function).stream()
                .filter(t -> t.at("/connection/connectionId").asString().equals(connection))
                .toList();
    }

    private static String refusal(Reply reply) {
        var error = reply.json().path("error");
        return reply.status() + " " + error.path("code").asString() + " "
                + error.path("message").asString("-") + " "
                + (error.has("errors") ? error.at("/errors/0/code").asString() + error.at("/errors/0/path") : "-");
    }

    @Test
    void a_waiting_caller_gets_the_output_and_the_function_sees_no_credentials() {
        var reply = invoke(server.raw(), "show", "c1", "wait", "", "X-Api-Key", "k", "Cookie", "a=b", "X-Other", "o");
        var shown = reply.json();

        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        var trigger = shown.path("trigger");
        assertThat(trigger.path("kind").asString()).isEqualTo("http");
        assertThat(trigger.get("input").isNull()).isTrue();
        assertThat(trigger.path("connection").toString())
                .isEqualTo("{\"connectionId\":\"c1\",\"integrationId\":\"crm\"}");
        var request = trigger.path("request");
        assertThat(request.path("method").asString()).isEqualTo("POST");
        assertThat(request.path("path").asString()).isEqualTo("/functions/invocations");
        assertThat(request.path("query").toString()).isEqualTo("{}");
        assertThat(request.get("body").isNull()).isTrue();
        assertThat(request.at("/headers/x-other").asString()).isEqualTo("o");
        assertThat(request.path("headers").propertyNames()).doesNotContain("authorization", "x-api-key", "cookie");
        assertThat(shown.path("type").asString()).isEqualTo("function");
        assertThat(shown.path("variant").asString()).isEqualTo("base");
        assertThat(shown.path("action").asString()).isEqualTo("undefined");
        assertThat(shown.path("keys").valueStream().map(JsonNode::asString))
                .containsExactly(
                        "delete",
                        "get",
                        "getConnection",
                        "getEnvironmentVariables",
                        "getIntegration",
                        "getToken",
                        "getVariant",
                        "log",
                        "paginate",
                        "patch",
                        "post",
                        "proxy",
                        "put",
                        "setLogger",
                        "uncontrolledFetch");
        assertThat(call(server.raw(), "none", "c1", "").text())
                .isEqualTo("{\"kind\":\"invoke\",\"input\":null,"
                        + "\"connection\":{\"connectionId\":\"c1\",\"integrationId\":\"crm\"}}");
        assertThat(call(server.raw(), "nothing", "c1", "").text()).isEqualTo("null");
        assertThat(call(server.raw(), "typed", "c1", "{\"title\":\"t\"}").text())
                .isEqualTo("\"t\"");
        await().atMost(LONGEST_WAIT)
                .until(() -> server.raw()
                        .get("/logs/operations?kind=function&function=nothing")
                        .json()
                        .at("/data/0/status")
                        .asString("")
                        .equals("success"));
    }

    @Test
    void what_is_wrong_with_a_call_is_said_in_the_order_of_the_contract() {
        var raw = server.raw();
        assertThat(raw.post("/functions/invocations?a=1", "{}").code()).isEqualTo("invalid_query_params");
        assertThat(refusal(invoke(raw, "nothing", "c1", "sometimes", ""))).startsWith("400 invalid_body");
        assertThat(refusal(invoke(raw, "missing", "nobody", "wait", ""))).startsWith("404 connection_not_found");
        assertThat(refusal(invoke(raw, "missing", "c1", "wait", ""))).startsWith("404 function_not_found");
        assertThat(refusal(invoke(raw, "tick", "c1", "wait", "1"))).startsWith("400 invalid_invocation");
        assertThat(refusal(invoke(raw, "greets", "c1", "wait", "1"))).startsWith("400 invalid_invocation");
        assertThat(refusal(call(raw, "nothing", "c1", "1")))
                .isEqualTo("400 validation_error unexpected_function_input unexpected_function_input[]");
        assertThat(refusal(call(raw, "typed", "c1", "{\"title\":1}")))
                .isEqualTo("400 validation_error invalid_function_input type[\"title\"]");
        assertThat(refusal(call(raw, "typed", "c1", "{}")))
                .isEqualTo("400 validation_error invalid_function_input required[]");
        assertThat(refusal(invoke(raw, "typed", "c1", "no_wait", "")))
                .startsWith("400 validation_error invalid_function_input");
        assertThat(refusal(call(raw, "dangling", "c1", "1")))
                .startsWith("400 validation_error invalid_function_input_schema");

        TestDatabase.execute(server.databaseUrl(), "UPDATE function SET enabled = false WHERE name = 'large'");
        assertThat(refusal(call(raw, "large", "c1", ""))).startsWith("403 function_disabled");
        TestDatabase.execute(server.databaseUrl(), "UPDATE function SET enabled = true WHERE name = 'large'");

        raw.patch("/environment/settings", "{\"strict_invocations\":true}");
        assertThat(refusal(invoke(raw, "none", "c1", "no_wait", ""))).startsWith("400 invalid_invocation");
        raw.patch("/environment/settings", "{\"strict_invocations\":false}");
    }

    @Test
    void a_failing_function_answers_like_an_action() {
        var upstream = call(server.raw(), "wrong", "c1", "");
        var thrown = call(server.raw(), "throws", "c1", "");
        var large = call(server.raw(), "large", "c1", "");
        var accepted = accept(server.raw(), "wrong", "c1", "");

        assertThat(upstream.status()).as(upstream.toString()).isEqualTo(424);
        assertThat(upstream.json().at("/error/code").asString()).isEqualTo("script_http_error");
        assertThat(upstream.json().at("/error/payload/kettle").asBoolean()).isTrue();
        assertThat(refusal(thrown)).startsWith("500 script_internal_error");
        assertThat(refusal(large)).startsWith("500 script_internal_error");
        assertThat(outcome(peer.raw(), accepted).status()).isEqualTo(424);
    }

    @Test
    void an_accepted_call_can_be_asked_for_at_any_server() {
        var reply = invoke(server.raw(), "typed", "c1", "no_wait", "{\"title\":\"later\"}");
        var id = reply.json().path("id").asString();
        var url = "/functions/invocations/" + id;

        assertThat(reply.status()).as(reply.toString()).isEqualTo(202);
        assertThat(reply.text()).isEqualTo("{\"id\":\"" + id + "\",\"statusUrl\":\"" + url + "\"}");
        assertThat(reply.headers().firstValue("Location")).contains(url);
        assertThat(outcome(peer.raw(), id).text()).isEqualTo("\"later\"");
        assertThat(outcome(peer.raw(), accept(peer.raw(), "nothing", "c1", "")).text())
                .isEqualTo("null");
        assertThat(get(server.raw(), "00000000-0000-0000-0000-000000000000").code())
                .isEqualTo("not_found");
        assertThat(get(server.raw(), "7").code()).isEqualTo("invalid_uri_params");
    }

    @Test
    void a_key_stands_for_one_call() {
        var first = invoke(server.raw(), "state", "state", "wait", "", "Idempotency-Key", "k1");
        var again = invoke(peer.raw(), "state", "state", "wait", "", "Idempotency-Key", "k1");
        var other = invoke(peer.raw(), "state", "state", "no_wait", "", "Idempotency-Key", "k1");
        var accepted = invoke(peer.raw(), "state", "state", "no_wait", "", "Idempotency-Key", "k2");
        var replayed = invoke(server.raw(), "state", "state", "no_wait", "", "Idempotency-Key", "k2");

        assertThat(first.status()).as(first.toString()).isEqualTo(200);
        assertThat(first.json().path("seen").asInt()).isEqualTo(1);
        assertThat(first.json().at("/metadata/seen").asInt()).isEqualTo(1);
        assertThat(first.json().path("records").asString()).isEqualTo("function");
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.headers().firstValue("Idempotency-Replayed")).contains("true");
        assertThat(other.status()).isEqualTo(422);
        assertThat(replayed.text()).isEqualTo(accepted.text());
        assertThat(replayed.headers().firstValue("Location")).isPresent();
        assertThat(outcome(server.raw(), accepted.json().path("id").asString())
                        .json()
                        .path("seen")
                        .asInt())
                .isEqualTo(2);
        assertThat(TestDatabase.rows(server.databaseUrl(), "SELECT key FROM checkpoint"))
                .containsExactly("function:state:base");
        var records =
                server.raw().get("/records?model=Item", Map.of("Provider-Config-Key", "crm", "Connection-Id", "state"));
        assertThat(records.json().path("records")).hasSize(2);
    }

    @Test
    void calls_of_a_serial_function_run_one_at_a_time_in_the_cluster_and_in_order() throws Exception {
        List<Future<Reply>> waiting = new ArrayList<>();
        var accepted = new ArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                var at = i % 2 == 0 ? server.raw() : peer.raw();
                var input = String.valueOf(1_000 + i);
                waiting.add(threads.submit(() -> call(at, "serial", "serial", input)));
            }
            for (int i = 0; i < 20; i++) {
                accepted.add(accept(i % 2 == 0 ? server.raw() : peer.raw(), "serial", "serial", String.valueOf(i)));
            }
        }
        for (int i = 0; i < 20; i++) {
            assertThat(waiting.get(i).get().text()).isEqualTo(String.valueOf(1_000 + i));
            assertThat(outcome(server.raw(), accepted.get(i)).text()).isEqualTo(String.valueOf(i));
        }
        assertThat(most).hasValue(1);
        assertThat(api.asked().stream()
                        .map(ScriptedApi.Asked::path)
                        .filter(path -> path.startsWith("/begin/"))
                        .map(path -> Integer.parseInt(path.substring("/begin/".length())))
                        .filter(number -> number < 1_000))
                .as("those that one client has sent one after another")
                .isSorted()
                .hasSize(20);
    }

    @Test
    void a_call_that_does_not_start_in_time_never_starts() {
        var running = accept(server.raw(), "serial", "late", "5000");
        var late = accept(peer.raw(), "serial", "late", "5001");
        assertThat(get(server.raw(), late).text())
                .isEqualTo("{\"id\":\"" + late + "\",\"statusUrl\":\"/functions/invocations/" + late + "\"}");
        TestDatabase.execute(
                server.databaseUrl(),
                "UPDATE invocation SET expires_at = now() - interval '1 minute' WHERE id = '" + late + "'");

        held.countDown();

        assertThat(outcome(server.raw(), running).text()).isEqualTo("5000");
        assertThat(outcome(server.raw(), late).status()).isEqualTo(500);
        assertThat(outcome(server.raw(), late).code()).isEqualTo("function_failed");
        assertThat(api.asked()).noneMatch(asked -> asked.path().equals("/begin/5001"));
    }

    private static void event(String body, String... headers) {
        var all = new LinkedHashMap<>(Map.of("Content-Type", "application/json"));
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], headers[i + 1]);
        }
        var reply = server.raw().send("POST", hook, all, BodyPublishers.ofString(body));
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    }

    @Test
    void an_event_of_the_provider_runs_the_functions_that_subscribe_to_it() {
        event("{\"type\":\"issue.made\",\"connectionId\":\"hook\",\"title\":\"t\"}", "X-Secret", "s", "X-Shop", "a");
        event("{\"type\":\"issue.made\",\"connectionId\":\"hook2\",\"title\":7}");
        await().atMost(LONGEST_WAIT).until(() -> told("choosy", "hook").size() == 1);
        await().atMost(LONGEST_WAIT).until(() -> told("hooked", "hook").size() == 1);
        await().atMost(LONGEST_WAIT).until(() -> told("hooked", "hook2").size() == 1);

        var choosy = told("choosy", "hook").getFirst();
        assertThat(choosy.path("kind").asString()).isEqualTo("http");
        assertThat(choosy.path("subscriptions").toString()).isEqualTo("[\"issue.made\"]");
        assertThat(choosy.at("/input/title").asString()).isEqualTo("t");
        assertThat(choosy.at("/request/body/title").asString()).isEqualTo("t");
        assertThat(choosy.at("/request/path").asString()).isEqualTo(hook);
        assertThat(choosy.at("/request/headers").propertyNames())
                .contains("x-shop")
                .doesNotContain("x-secret", "authorization");
        assertThat(told("hooked", "hook").getFirst().get("input").isNull()).isTrue();

        var missed = await().atMost(LONGEST_WAIT)
                .until(
                        () -> server.raw()
                                .get("/logs/operations?kind=function&status=failed&function=choosy&connection_id=hook2")
                                .json()
                                .at("/data/0"),
                        found -> !found.isMissingNode());
        assertThat(missed.toString()).contains("invalid_function_input");
        assertThat(told("choosy", "hook2")).isEmpty();

        var received =
                server.raw().get("/webhooks/received?connection_id=hook").json().at("/data/0");
        assertThat(received.path("state").asString()).isEqualTo("done");
        server.raw().post("/webhooks/received/" + received.path("id").asString() + "/replay", "{}");
        await().atMost(LONGEST_WAIT).until(() -> told("choosy", "hook").size() == 2);
        assertThat(told("choosy", "hook").getLast().path("request").path("body"))
                .isEqualTo(choosy.at("/request/body"));
    }

    @Test
    void calls_within_a_window_become_one_run() {
        for (var take : List.of("latest", "first", "all")) {
            var ids = new ArrayList<String>();
            for (int i = 1; i <= 3; i++) {
                var input = "{\"title\":\"t\",\"n\":" + i + "}";
                ids.add(accept(i == 2 ? peer.raw() : server.raw(), take, "window", input));
            }
            accept(server.raw(), take, "window", "{\"title\":\"other\"}");
            assertThat(ids.stream().distinct()).hasSize(1);
            assertThat(outcome(server.raw(), ids.getFirst()).status()).isEqualTo(200);
            assertThat(told(take)).hasSize(1);
            assertThat(told(take).getFirst().at("/coalesced/count").asInt()).isEqualTo(3);
            assertThat(told(take).getFirst().at("/coalesced/firstSeenAt").asString())
                    .isNotEmpty();
        }
        assertThat(told("latest").getFirst().at("/input/n").asInt()).isEqualTo(3);
        assertThat(told("first").getFirst().at("/input/n").asInt()).isEqualTo(1);
        assertThat(told("all")
                        .getFirst()
                        .path("input")
                        .valueStream()
                        .map(i -> i.path("n").asInt()))
                .containsExactly(1, 2, 3);
        assertThat(told("all").getFirst().at("/request/body")).hasSize(3);

        var brief = accept(server.raw(), "brief", "window", "");
        assertThat(outcome(server.raw(), brief).status()).isEqualTo(200);
        assertThat(told("brief").getFirst().at("/coalesced/count").asInt()).isPositive();
    }

    @Test
    void a_schedule_runs_on_each_connection_and_events_run_their_functions() {
        assertThat(connect("born")).isEqualTo(201);
        assertThat(connect("bad")).as("refused by its function").isNotEqualTo(201);

        await().atMost(LONGEST_WAIT).until(() -> told("tick", "born").size() == 1);
        await().atMost(LONGEST_WAIT).until(() -> told("tick", "c1").size() == 1);
        await().atMost(LONGEST_WAIT).until(() -> told("greets", "born").size() == 1);
        assertThat(told("tick", "born").getFirst().toString())
                .isEqualTo("{\"kind\":\"schedule\",\"input\":null,"
                        + "\"connection\":{\"connectionId\":\"born\",\"integrationId\":\"crm\"}}");
        assertThat(told("greets", "born").getFirst().toString())
                .isEqualTo("{\"kind\":\"event\",\"input\":{\"event\":\"post-connection-creation\"},"
                        + "\"connection\":{\"connectionId\":\"born\",\"integrationId\":\"crm\"}}");

        TestDatabase.execute(
                server.databaseUrl(),
                "UPDATE scheduled_tasks SET execution_time = now() WHERE task_name = 'function-schedule' AND NOT picked");
        await().atMost(LONGEST_WAIT).until(() -> told("tick", "born").size() == 2);
        assertThat(told("sleeping")).isEmpty();
        assertThat(outcome(server.raw(), accept(server.raw(), "sleeping", "born", ""))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void functions_have_versions_like_all_others() {
        var path = "/integrations/crm/functions";
        var listed = server.raw().get(path).json();
        var bundles = server.raw().get(path + "?type=function&search=typed").json();
        var one = server.raw().get(path + "/typed?type=function").json().path("data");

        assertThat(listed.at("/pagination/total").asInt()).isZero();
        assertThat(bundles.at("/pagination/total").asInt()).isEqualTo(1);
        assertThat(one.path("type").asString()).isEqualTo("function");
        assertThat(one.at("/trigger/kind").asString()).isEqualTo("http");
        assertThat(server.raw().get(path + "/typed").status()).isEqualTo(404);
        assertThat(server.raw()
                        .get(path + "/typed/code?type=function")
                        .json()
                        .path("code")
                        .asString())
                .isEqualTo("// typed");
        assertThat(server.raw().delete(path + "/typed?type=function").code()).isEqualTo("function_managed_by_deploy");
        assertThat(server.raw()
                        .get(path + "/typed/versions?type=function")
                        .json()
                        .path("data"))
                .hasSize(1);
        assertThat(server.raw().get("/scripts/config").text()).doesNotContain("\"typed\"");
    }
}
