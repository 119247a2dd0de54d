package dev.millrace.server.function.js;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.function.js.FunctionHost.ApiAnswer;
import dev.millrace.server.function.js.FunctionHost.BodyKind;
import dev.millrace.server.function.js.FunctionHost.ConnectionRef;
import dev.millrace.server.function.js.FunctionHost.FetchAnswer;
import dev.millrace.server.function.js.FunctionHost.HttpAnswer;
import dev.millrace.server.function.js.FunctionHost.HttpCall;
import dev.millrace.server.function.js.FunctionHost.MergingStrategy;
import dev.millrace.server.function.js.FunctionHost.RecordsCall;
import dev.millrace.server.function.js.FunctionHost.RecordsPage;
import dev.millrace.server.function.js.FunctionHost.SyncOptions;
import dev.millrace.server.function.js.FunctionHost.SyncRef;
import dev.millrace.server.function.js.FunctionHost.SyncStart;
import dev.millrace.server.function.js.FunctionHost.SyncTrigger;
import dev.millrace.server.http.Json;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** How frames become calls of the port: what is missing or of another type fails the call, with its name. */
final class HostFramesTest {
    private static final byte[] BODY = "{\"b\":1}".getBytes(StandardCharsets.UTF_8);
    private static final String HTTP_HEAD =
            "{\"status\":203,\"statusText\":\"So so\",\"url\":\"http://a/b\",\"headers\":{\"x\":\"1, 2\"}";
    private static final String JSON = "{\"j\":1}";

    /**
     * A call.
     *
     * @param port the name of the port's method
     * @param required the names of the fields that a call must have
     * @param reply the reply's head and body
     */
    record Case(String method, String port, String fields, String required, String reply) {
        ObjectNode head() {
            return Json.parseObject(fields);
        }

        @Override
        public String toString() {
            return method;
        }
    }

    static List<Case> cases() {
        var model = "{'model':'M'}";
        return List.of(
                of("http", "http", """
                        {'endpoint':'/x','method':'GET','params':{'a':1},'headers':{'a':'b'},'bodyKind':'json','retries':2,
                         'retryOn':[409],'retryHeader':{'after':'x'},'baseUrlOverride':'http://o','decompress':true,
                         'forwardHeadersOnRedirect':false,'connectionId':'c','providerConfigKey':'p','followsLink':true}
                        """, "endpoint method headers bodyKind", HTTP_HEAD + "} " + JSON),
                of(
                        "fetch",
                        "fetch",
                        "{'url':'http://a','method':'GET','headers':{'a':'b'}}",
                        "url method headers",
                        HTTP_HEAD + ",\"redirected\":true} " + JSON),
                of(
                        "connection",
                        "connection",
                        "{'providerConfigKey':'p','connectionId':'c','forceRefresh':true,'refreshToken':true}",
                        "",
                        "{} " + JSON),
                of("token", "token", "{}", "", "{} " + JSON),
                of("metadata.set", "setMetadata", "{}", "", "{\"status\":201} " + JSON),
                of("metadata.update", "updateMetadata", "{}", "", "{\"status\":201} " + JSON),
                of("integration", "integration", "{'include':['webhook']}", "include", "{} " + JSON),
                of("environmentVariables", "environmentVariables", "{}", "", "{} " + JSON),
                of(
                        "triggerAction",
                        "triggerAction",
                        "{'providerConfigKey':'p','connectionId':'c','action':'a'}",
                        "providerConfigKey connectionId action",
                        "{\"status\":201} " + JSON),
                of(
                        "triggerSync",
                        "triggerSync",
                        "{'providerConfigKey':'p','connectionId':'c','sync':'s','opts':{'reset':true}}",
                        "providerConfigKey sync",
                        "{} {\"success\":true}"),
                of(
                        "startSync",
                        "startSync",
                        "{'providerConfigKey':'p','connectionId':'c','syncs':['s']}",
                        "providerConfigKey syncs",
                        "{} {\"success\":true}"),
                of("records.save", "saveRecords", model, "model", "{} "),
                of("records.update", "updateRecords", model, "model", "{} "),
                of("records.delete", "deleteRecords", model, "model", "{} "),
                of("records.get", "getRecords", "{'model':'M','ids':['1']}", "model ids", "{} " + JSON),
                of(
                        "records.list",
                        "listRecords",
                        "{'model':'M','cursor':'c','limit':100}",
                        "model limit",
                        "{} " + JSON),
                of(
                        "records.strategy",
                        "setMergingStrategy",
                        "{'model':'M','strategy':'override'}",
                        "model strategy",
                        "{} "),
                of("records.trackStart", "trackDeletesStart", model, "model", "{} "),
                of("records.trackEnd", "trackDeletesEnd", model, "model", "{\"deletedKeys\":[\"k\"]} "),
                of(
                        "records.deletePrevious",
                        "deleteRecordsFromPreviousExecutions",
                        model,
                        "model",
                        "{\"deletedKeys\":[\"k\"]} "),
                of("checkpoint.get", "getCheckpoint", "{}", "", "{} " + JSON),
                of("checkpoint.save", "saveCheckpoint", "{}", "", "{} "),
                of("checkpoint.clear", "clearCheckpoint", "{}", "", "{} "),
                of("lock.acquire", "acquireLock", "{'key':'k','ttlMs':5}", "key ttlMs", "{\"ok\":true} "),
                of("lock.release", "releaseLock", "{'key':'k'}", "key", "{\"ok\":true} "),
                of("lock.releaseAll", "releaseAllLocks", "{}", "", "{} "));
    }

    private static Case of(String method, String port, String fields, String required, String reply) {
        return new Case(method, port, fields.replace('\'', '"'), required, reply);
    }

    private record Asked(String name, List<Object> arguments) {}

    private final List<Asked> asked = new ArrayList<>();
    private final HostFrames frames = new HostFrames((FunctionHost) Proxy.newProxyInstance(
            FunctionHost.class.getClassLoader(), new Class<?>[] {FunctionHost.class}, (_, method, arguments) -> {
                asked.add(new Asked(method.getName(), arguments == null ? List.of() : List.of(arguments)));
                return answer(method);
            }));

    private static Object answer(Method method) {
        var json = JSON.getBytes(StandardCharsets.UTF_8);
        var http = new HttpAnswer(
                203, "So so", "http://a/b", Map.of("x", List.of("1", "2")), new ByteArrayInputStream(json));
        return Stream.of(json, new ApiAnswer(201, json), http, new FetchAnswer(http, true), List.of("k"))
                .filter(method.getReturnType()::isInstance)
                .map(Object.class::cast)
                .findFirst()
                .orElse(true);
    }

    private Object argument(String method, String head) throws InterruptedException {
        frames.answer(method, Json.parseObject(head.replace('\'', '"')), BODY);
        return asked.getLast().arguments().getLast();
    }

    @Test
    void every_method_of_the_port_is_looked_at() {
        var names = Arrays.stream(FunctionHost.class.getMethods())
                .map(Method::getName)
                .filter(name -> !name.equals("log"));

        assertThat(cases()).extracting(Case::port).containsExactlyInAnyOrderElementsOf(names.toList());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_good_call_reaches_the_port_and_is_answered(Case call) throws Exception {
        var reply = frames.answer(call.method(), call.head(), BODY);

        assertThat(asked).extracting(Asked::name).containsExactly(call.port());
        var body = new String(reply.body(), StandardCharsets.UTF_8)
                + new String(reply.rest().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(reply.head() + " " + body).isEqualTo(call.reply());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_field_that_is_missing_fails_the_call_unless_it_is_optional(Case call) throws Exception {
        for (var name : List.copyOf(call.head().propertyNames())) {
            for (var head : List.of(call.head().without(name), call.head().putNull(name))) {
                asked.clear();
                if (List.of(call.required().split(" ")).contains(name)) {
                    assertThatThrownBy(() -> frames.answer(call.method(), head, BODY))
                            .isInstanceOf(HostError.class)
                            .hasMessage(
                                    "The call " + call.method() + " cannot be made: its field " + name + " is missing");
                    assertThat(asked).isEmpty();
                } else {
                    frames.answer(call.method(), head, BODY);
                    assertThat(asked).hasSize(1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_field_of_another_type_fails_the_call(Case call) {
        for (var name : List.copyOf(call.head().propertyNames())) {
            var head = call.head();
            head.putArray(name).addObject();

            assertThatThrownBy(() -> frames.answer(call.method(), head, BODY))
                    .isInstanceOf(HostError.class)
                    .hasMessageStartingWith("The call " + call.method() + " cannot be made: its field " + name);
        }
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "lock.acquire     | {'key':'k','ttlMs':'soon'}                 | ttlMs must be a number, not of type string",
                "lock.acquire     | {'key':'k','ttlMs':true}                   | ttlMs must be a number, not of type boolean",
                "lock.release     | {'key':{}}                                 | key must be a text, not of type object",
                "records.get      | {'model':'M','ids':'1'}                    | ids must be an array, not of type string",
                "records.get      | {'model':'M','ids':[{}]}                   | ids must be a text, not of type object",
                "records.strategy | {'model':'M','strategy':'newest'}          | strategy has the unknown value 'newest'",
                "connection       | {'forceRefresh':'yes'}                     | forceRefresh must be a boolean, not of type string",
                "fetch            | {'url':'','method':'GET','headers':{'a':[]}} | headers.a must be a text, not of type array",
                "startSync        | {'providerConfigKey':'p','syncs':[{}]}     | syncs.name is missing",
                "triggerSync      | {'providerConfigKey':'p','sync':'s','opts':{'reset':{}}} | opts.reset must be a boolean, not of type object",
            })
    void a_refusal_says_what_is_wrong(String method, String head, String message) {
        assertThatThrownBy(() -> argument(method, head))
                .isInstanceOf(HostError.class)
                .hasMessage("The call " + method + " cannot be made: its field " + message);
    }

    @ParameterizedTest
    @CsvSource({"nothing", "records.nothing", "''"})
    void an_unknown_call_fails(String method) {
        assertThatThrownBy(() -> frames.answer(method, Json.object(), BODY))
                .isInstanceOf(HostError.class)
                .hasMessage("Unknown call " + method);
    }

    @Test
    void a_call_of_a_provider_arrives_whole() throws Exception {
        var call = argument("http", cases().getFirst().fields());

        assertThat(call)
                .usingRecursiveComparison()
                .isEqualTo(new HttpCall(
                        new ConnectionRef(Optional.of("p"), Optional.of("c")),
                        "GET",
                        "/x",
                        Optional.of(Json.object().put("a", 1)),
                        Map.of("a", "b"),
                        BodyKind.JSON,
                        BODY,
                        2,
                        List.of(409),
                        Optional.of(Json.object().put("after", "x")),
                        Optional.of("http://o"),
                        true,
                        Optional.of(false),
                        true));
        assertThat(((HttpCall) call).body()).isSameAs(BODY);
    }

    @Test
    void what_authors_write_otherwise_means_the_same() throws Exception {
        var call = (HttpCall) argument("http", """
                {'endpoint':'/x','method':'GET','headers':{'a':1},'bodyKind':'none','retries':'3','retryOn':['429',502.0],
                 'connectionId':5,'providerConfigKey':'','decompress':'true','followsLink':0}""");

        assertThat(call.headers()).isEqualTo(Map.of("a", "1"));
        assertThat(call.retries()).isEqualTo(3);
        assertThat(call.retryOn()).isEqualTo(List.of(429, 502));
        assertThat(call.connection()).isEqualTo(new ConnectionRef(Optional.empty(), Optional.of("5")));
        assertThat(call.decompress()).isTrue();
        assertThat(call.followsLink()).isFalse();
    }

    @Test
    void numbers_without_measure_are_cut() throws Exception {
        assertThat(argument("lock.acquire", "{'key':'k','ttlMs':1500.9}")).isEqualTo(Duration.ofMillis(1500));
        assertThat(argument("lock.acquire", "{'key':'k','ttlMs':1e999999}"))
                .isEqualTo(Duration.ofMillis(Long.MAX_VALUE));
        assertThat(argument("records.list", "{'model':'M','limit':1e20}"))
                .isEqualTo(new RecordsPage("M", Optional.empty(), Integer.MAX_VALUE));
    }

    @Test
    void lines_of_records_are_passed_on_without_a_copy() throws Exception {
        var call = (RecordsCall) argument("records.save", "{'model':'M'}");

        assertThat(call.lines()).isSameAs(BODY);
        assertThat(argument("records.strategy", "{'model':'M','strategy':'ignore_if_modified_after'}"))
                .isEqualTo(MergingStrategy.IGNORE_IF_MODIFIED_AFTER);
    }

    @Test
    void syncs_are_named_by_text_or_object() throws Exception {
        assertThat(argument(
                        "startSync",
                        "{'providerConfigKey':'p','syncs':['s::v',{'name':'s','variant':'v'},{'name':'s'}]}"))
                .isEqualTo(new SyncStart(
                        "p",
                        Optional.empty(),
                        List.of(
                                new SyncRef("s::v", Optional.empty()),
                                new SyncRef("s", Optional.of("v")),
                                new SyncRef("s", Optional.of("base")))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'reset':true,'emptyCache':true,'confirmDeletes':true} | true  | true  | true",
                "{}                                                     | false | false | false",
                "true                                                   | true  | false | false",
                "'incremental'                                          | false | false | false",
                "'full_refresh'                                         | true  | false | false",
                "'full_refresh_and_clear_cache'                         | true  | true  | false",
            })
    void options_of_a_sync_have_older_forms(String opts, boolean reset, boolean emptyCache, boolean confirmDeletes)
            throws Exception {
        assertThat(argument("triggerSync", "{'providerConfigKey':'p','sync':'s','opts':" + opts + "}"))
                .isEqualTo(new SyncTrigger(
                        "p",
                        Optional.empty(),
                        new SyncRef("s", Optional.empty()),
                        new SyncOptions(reset, emptyCache, confirmDeletes)));
    }

    @Test
    void cookies_of_an_answer_stay_apart() throws Exception {
        var host = new TestHost() {
            @Override
            public HttpAnswer http(HttpCall call) {
                return new HttpAnswer(
                        200, "OK", "", Map.of("set-cookie", List.of("a", "b")), InputStream.nullInputStream());
            }
        };

        var reply = new HostFrames(host).answer("http", cases().getFirst().head(), BODY);

        assertThat(reply.head().path("headers").toString()).isEqualTo("{\"set-cookie\":[\"a\",\"b\"]}");
    }
}
