package dev.millrace.server.dryrun;

import dev.millrace.server.function.js.FunctionHost;
import dev.millrace.server.http.Json;
import dev.millrace.server.run.CheckpointCalls;
import dev.millrace.server.run.RecordCalls;
import dev.millrace.server.run.Work;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The host of a dry run. Records are only returned, the checkpoint exists during the run only, locks always succeed,
 * syncs do not change. Everything else is real: calls of the provider, writes of metadata, actions. Called by several
 * threads at once.
 */
final class DryHost implements FunctionHost {
    private final FunctionHost platform;
    private final Work work;
    private final DryOutput output;
    private final Optional<ObjectNode> metadata;
    private @Nullable String checkpoint;

    /**
     * @param metadata used by a sync instead of those of its connection
     * @param checkpoint JSON text
     */
    DryHost(
            FunctionHost platform,
            Work work,
            DryOutput output,
            Optional<ObjectNode> metadata,
            Optional<String> checkpoint) {
        this.platform = platform;
        this.work = work;
        this.output = output;
        this.metadata = metadata;
        this.checkpoint = checkpoint.orElse(null);
    }

    @Override
    public void saveRecords(RecordsCall call) {
        collect("batchSave", call);
    }

    @Override
    public void updateRecords(RecordsCall call) {
        collect("batchUpdate", call);
    }

    @Override
    public void deleteRecords(RecordsCall call) {
        collect("batchDelete", call);
    }

    private void collect(String verb, RecordsCall call) {
        RecordCalls.checkDeclared(work, call.model());
        RecordCalls.lines(call.lines()).forEach(line -> output.collect(verb, call.model(), Json.parseSaid(line)));
    }

    @Override
    public void setMergingStrategy(String model, MergingStrategy strategy) {
        skip("records.strategy", model);
    }

    @Override
    public void trackDeletesStart(String model) {
        skip("records.trackStart", model);
    }

    @Override
    public List<String> trackDeletesEnd(String model) {
        skip("records.trackEnd", model);
        return List.of();
    }

    @Override
    public List<String> deleteRecordsFromPreviousExecutions(String model) {
        skip("records.deletePrevious", model);
        return List.of();
    }

    private void skip(String method, String model) {
        RecordCalls.checkDeclared(work, model);
        skip(method);
    }

    private void skip(String method) {
        output.line("debug", method + " does nothing in a dry run");
    }

    @Override
    public void triggerSync(SyncTrigger trigger) {
        skip("triggerSync");
    }

    @Override
    public void startSync(SyncStart start) {
        skip("startSync");
    }

    @Override
    public synchronized byte[] getCheckpoint() {
        return String.valueOf(checkpoint).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void saveCheckpoint(byte[] json) {
        checkpoint = Json.text(CheckpointCalls.checked(json));
        output.line("debug", "saveCheckpoint " + checkpoint);
    }

    @Override
    public synchronized void clearCheckpoint() {
        checkpoint = null;
        output.line("debug", "clearCheckpoint");
    }

    /** The checkpoint after the run. */
    synchronized Optional<String> checkpoint() {
        return Optional.ofNullable(checkpoint);
    }

    @Override
    public boolean acquireLock(String key, Duration ttl) {
        return true;
    }

    @Override
    public boolean releaseLock(String key) {
        return true;
    }

    @Override
    public void releaseAllLocks() {
        // No lock was taken.
    }

    @Override
    public byte[] connection(ConnectionCall call) throws InterruptedException {
        var real = platform.connection(call);
        if (metadata.isEmpty() || !isOwn(call.connection())) {
            return real;
        }
        var shown = (ObjectNode) Json.parse(real);
        shown.set("metadata", metadata.get());
        return Json.bytes(shown);
    }

    private boolean isOwn(ConnectionRef asked) {
        var own = work.connection();
        return asked.connectionId().orElse(own.connectionId()).equals(own.connectionId())
                && asked.providerConfigKey().orElse(own.integration()).equals(own.integration());
    }

    @Override
    public void log(String level, String message, byte[] meta) {
        var details = meta.length == 0 ? "" : " " + new String(meta, StandardCharsets.UTF_8);
        output.line(level, message + details);
        platform.log(level, message, meta);
    }

    @Override
    public HttpAnswer http(HttpCall call) throws InterruptedException {
        return platform.http(call);
    }

    @Override
    public FetchAnswer fetch(FetchCall call) throws InterruptedException {
        return platform.fetch(call);
    }

    @Override
    public byte[] token() throws InterruptedException {
        return platform.token();
    }

    @Override
    public ApiAnswer setMetadata(byte[] json) throws InterruptedException {
        return platform.setMetadata(json);
    }

    @Override
    public ApiAnswer updateMetadata(byte[] json) throws InterruptedException {
        return platform.updateMetadata(json);
    }

    @Override
    public byte[] integration(List<String> include) throws InterruptedException {
        return platform.integration(include);
    }

    @Override
    public byte[] environmentVariables() throws InterruptedException {
        return platform.environmentVariables();
    }

    @Override
    public ApiAnswer triggerAction(ActionTrigger trigger) throws InterruptedException {
        return platform.triggerAction(trigger);
    }

    @Override
    public byte[] getRecords(String model, List<String> ids) throws InterruptedException {
        return platform.getRecords(model, ids);
    }

    @Override
    public byte[] listRecords(RecordsPage page) throws InterruptedException {
        return platform.listRecords(page);
    }
}
