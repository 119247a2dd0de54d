package dev.millrace.server.run;

import dev.millrace.server.cluster.LeaseLost;
import dev.millrace.server.function.ScriptType;
import dev.millrace.server.function.js.FunctionRuntime;
import dev.millrace.server.function.js.Outcome;
import dev.millrace.server.function.js.Script;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executes the function of a run and records its end. Thread-safe. */
final class RunExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(RunExecutor.class);

    private final ExecutionFactory executions;
    private final FunctionRuntime runtime;
    private final RunRecorder recorder;

    RunExecutor(ExecutionFactory executions, FunctionRuntime runtime, RunRecorder recorder) {
        this.executions = executions;
        this.runtime = runtime;
        this.recorder = recorder;
    }

    /** Until the function has ended; an interrupt cancels it. */
    Runs.Ended execute(CancelScope scope, ActiveRun run, Optional<Script> script, Duration workerWait, Runnable emptied)
            throws InterruptedException {
        Outcome outcome = null;
        RunRecorder.Ending ending;
        try {
            scope.enter();
            outcome = script.isEmpty()
                    ? Failures.codeGone(run.work())
                    : run.lease().hold(() -> call(run, script.get(), workerWait, emptied));
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException e) {
            // An interrupt breaks a database call that is in progress; the run counts as cancelled then too.
            if (!scope.leave()) {
                outcome = Failures.of(run.work(), e);
                LOG.error("Run {} broke", run.lease().run(), e);
            }
        } catch (Error e) {
            outcome = Failures.broken();
            LOG.error("Run {} broke", run.lease().run(), e);
        } finally {
            scope.leave();
            if (scope.isBrokenOff()) {
                outcome = Failures.brokenOff();
            }
            ending = recorder.end(run, outcome);
        }
        if (ending.outcome() == null) {
            throw new InterruptedException("Cancelled");
        }
        return new Runs.Ended(run.lease().run(), run.log().operation(), ending.outcome(), ending.metadataChanged());
    }

    private Outcome call(ActiveRun run, Script script, Duration workerWait, Runnable emptied)
            throws InterruptedException {
        var work = run.work();
        if (work.sync().filter(Work.Sync::fromStart).isPresent()) {
            run.records().trackAbandon();
        }
        if (work.sync().filter(Work.Sync::emptyCache).isPresent()) {
            run.records().emptyCache();
            emptied.run();
        }
        var invalid = run.validation().input();
        if (invalid.isPresent()) {
            return invalid.get();
        }
        var execution = executions.execution(
                work,
                script,
                work.properties(run.log().operation(), run.lease().run()),
                executions.loggerLevel(work),
                workerWait,
                work.type().longestRun());
        var outcome = settled(run, run.validation().output(runtime.execute(execution, run.host())));
        if (!(outcome instanceof Outcome.Succeeded)) {
            return outcome;
        }
        if (work.type() == ScriptType.SYNC && work.function().trackDeletes()) {
            run.records().deletePrevious();
        }
        return run.records().refusal().<Outcome>map(refusal -> refusal).orElse(outcome);
    }

    /** The outcome after all saves are durable. Without them no run succeeds. */
    private static Outcome settled(ActiveRun run, Outcome outcome) throws InterruptedException {
        try {
            run.records().settle();
            return outcome;
        } catch (LeaseLost e) {
            throw e;
        } catch (RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
            LOG.error("Run {} could not store its records", run.lease().run(), e);
            return outcome instanceof Outcome.Succeeded ? Failures.unsaved() : outcome;
        }
    }
}
