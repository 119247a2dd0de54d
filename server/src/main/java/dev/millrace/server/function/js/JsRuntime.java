package dev.millrace.server.function.js;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Executes TypeScript and JavaScript functions in Node worker processes. Each environment has several, started on
 * demand; usually one more process is kept ready for any environment. Thread-safe.
 *
 * <p>Workers have no environment variables, no network and no access to files other than the runtime's.
 * docs/guides/security-of-functions.md lists all restrictions.
 */
public final class JsRuntime implements FunctionRuntime {
    private static final long TICK_MILLIS = 500;

    private final RuntimeConfig config;
    private final Launcher launcher;
    private final Map<Long, Pool> pools = new ConcurrentHashMap<>();
    private final AtomicInteger names = new AtomicInteger();
    private final StandbyWorker standby = new StandbyWorker(this::launch);
    private final Semaphore closing = new Semaphore(0);
    private final Thread watch;

    public JsRuntime(RuntimeConfig config) {
        this.config = config;
        this.launcher = new Launcher(config);
        this.watch = Thread.ofVirtual().name("function-watchdog").start(this::watch);
        warm();
    }

    @Override
    public Outcome execute(ExecutionRequest request, FunctionHost host) throws InterruptedException {
        var pool = pools.computeIfAbsent(request.environment(), _ -> new Pool(this::take, config.pool()));
        Worker worker;
        try {
            worker = pool.acquire(Pool.deadline(request.workerWait()));
        } catch (IOException e) {
            return RunningExecution.lost("function_runtime_other", String.valueOf(e.getMessage()));
        }
        if (worker == null) {
            return RunningExecution.lost(Outcome.NOT_STARTED, "No worker was free within " + request.workerWait());
        }
        try {
            return worker.run(request, host, Pool.deadline(request.deadline()));
        } finally {
            pool.release(worker);
        }
    }

    private Worker take() throws IOException {
        var ready = standby.take();
        warm();
        return ready == null || ready.isDead() ? launch() : ready;
    }

    private Worker launch() throws IOException {
        return launcher.launch("function-worker-" + names.incrementAndGet());
    }

    /**
     * Keeps one process ready, so that the first run of an environment does not wait for a start. No process is kept if
     * every active environment already has all the workers it may have.
     */
    private void warm() {
        if (pools.isEmpty() || pools.values().stream().anyMatch(Pool::mayGrow)) {
            standby.warm();
        }
    }

    private void watch() {
        var watchdog = new Watchdog(config.worker());
        try {
            while (!closing.tryAcquire(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
                watchdog.look(pools.values().stream()
                        .flatMap(pool -> pool.workers().stream())
                        .toList());
                pools.values().forEach(pool -> pool.retire().forEach(Worker::stop));
                warm();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        standby.close();
        pools.values().forEach(Pool::close);
        closing.release();
        try {
            watch.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
