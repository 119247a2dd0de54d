package dev.millrace.server.function.js;

import dev.millrace.server.http.Json;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Refuses every call and ignores log lines: tests override what their functions ask for. */
public class TestHost implements FunctionHost {
    /**
     * What a call is answered with that has no answer of its own.
     *
     * @param call the name of the port's method
     */
    protected JsonNode answer(String call) throws InterruptedException {
        throw HostError.of("This test does not answer " + call, Optional.empty());
    }

    private byte[] json(String call) throws InterruptedException {
        return Json.bytes(answer(call));
    }

    private ApiAnswer api(String call) throws InterruptedException {
        return new ApiAnswer(200, json(call));
    }

    /** The answer 200 with a body. */
    public static HttpAnswer ok(InputStream body) {
        return new HttpAnswer(200, "OK", "http://localhost/", Map.of(), body);
    }

    @Override
    public HttpAnswer http(HttpCall call) throws InterruptedException {
        return ok(new ByteArrayInputStream(json("http")));
    }

    @Override
    public FetchAnswer fetch(FetchCall call) throws InterruptedException {
        return new FetchAnswer(ok(new ByteArrayInputStream(json("fetch"))), false);
    }

    @Override
    public byte[] connection(ConnectionCall call) throws InterruptedException {
        return json("connection");
    }

    @Override
    public byte[] token() throws InterruptedException {
        return json("token");
    }

    @Override
    public ApiAnswer setMetadata(byte[] metadata) throws InterruptedException {
        return api("setMetadata");
    }

    @Override
    public ApiAnswer updateMetadata(byte[] metadata) throws InterruptedException {
        return api("updateMetadata");
    }

    @Override
    public byte[] integration(List<String> include) throws InterruptedException {
        return json("integration");
    }

    @Override
    public byte[] environmentVariables() throws InterruptedException {
        return json("environmentVariables");
    }

    @Override
    public ApiAnswer triggerAction(ActionTrigger trigger) throws InterruptedException {
        return api("triggerAction");
    }

    @Override
    public void triggerSync(SyncTrigger trigger) throws InterruptedException {
        answer("triggerSync");
    }

    @Override
    public void startSync(SyncStart start) throws InterruptedException {
        answer("startSync");
    }

    @Override
    public void saveRecords(RecordsCall call) throws InterruptedException {
        answer("saveRecords");
    }

    @Override
    public void updateRecords(RecordsCall call) throws InterruptedException {
        answer("updateRecords");
    }

    @Override
    public void deleteRecords(RecordsCall call) throws InterruptedException {
        answer("deleteRecords");
    }

    @Override
    public byte[] getRecords(String model, List<String> ids) throws InterruptedException {
        return json("getRecords");
    }

    @Override
    public byte[] listRecords(RecordsPage page) throws InterruptedException {
        return json("listRecords");
    }

    @Override
    public void setMergingStrategy(String model, MergingStrategy strategy) throws InterruptedException {
        answer("setMergingStrategy");
    }

    @Override
    public void trackDeletesStart(String model) throws InterruptedException {
        answer("trackDeletesStart");
    }

    @Override
    public List<String> trackDeletesEnd(String model) throws InterruptedException {
        answer("trackDeletesEnd");
        return List.of();
    }

    @Override
    public List<String> deleteRecordsFromPreviousExecutions(String model) throws InterruptedException {
        answer("deleteRecordsFromPreviousExecutions");
        return List.of();
    }

    @Override
    public byte[] getCheckpoint() throws InterruptedException {
        return json("getCheckpoint");
    }

    @Override
    public void saveCheckpoint(byte[] checkpoint) throws InterruptedException {
        answer("saveCheckpoint");
    }

    @Override
    public void clearCheckpoint() throws InterruptedException {
        answer("clearCheckpoint");
    }

    @Override
    public boolean acquireLock(String key, Duration ttl) throws InterruptedException {
        return answer("acquireLock").asBoolean(true);
    }

    @Override
    public boolean releaseLock(String key) throws InterruptedException {
        return answer("releaseLock").asBoolean(true);
    }

    @Override
    public void releaseAllLocks() throws InterruptedException {
        answer("releaseAllLocks");
    }

    @Override
    public void log(String level, String message, byte[] meta) {}
}
