package dev.millrace.server.function.js;

/** Executes deployed code; implementations are thread-safe. */
public interface FunctionRuntime extends AutoCloseable {
    /**
     * Runs a function to its end and blocks until then. An interrupt cancels the function: it is told, given two seconds,
     * and then left to the watchdog.
     */
    Outcome execute(ExecutionRequest request, FunctionHost host) throws InterruptedException;

    /** Ends everything that still runs; waiting callers get a failure. */
    @Override
    void close();
}
