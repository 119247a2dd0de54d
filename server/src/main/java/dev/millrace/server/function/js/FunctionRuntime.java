package dev.millrace.server.function.js;

/** Executes deployed code. Implementations are thread-safe. */
public interface FunctionRuntime extends AutoCloseable {
    /**
     * Executes a function and blocks until its end. An interrupt cancels the function: it gets two seconds to end,
     * after which the watchdog handles it.
     */
    Outcome execute(ExecutionRequest request, FunctionHost host) throws InterruptedException;

    /** Ends all executions; waiting callers get a failure. */
    @Override
    void close();
}
