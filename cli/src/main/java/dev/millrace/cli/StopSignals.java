package dev.millrace.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Handles SIGTERM and Ctrl-C: the first signal runs the shutdown hooks and ends the process with status 0, the second one ends
 * it at once with status 1. The JVM itself would end with 143 after the first and ignore the second.
 */
final class StopSignals {
    private static final int GRACEFUL = 0;
    private static final int AT_ONCE = 1;

    private final Runnable beforeHalt;
    private final AtomicInteger received = new AtomicInteger();

    /** @param beforeHalt called when a second signal ends the process without shutdown hooks */
    StopSignals(Runnable beforeHalt) {
        this.beforeHalt = beforeHalt;
    }

    /** Installs the handlers. */
    void handle() {
        // By reflection, because javac warns about this type although the module jdk.unsupported exports it.
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var ours = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (_, method, _) -> {
                if (method.getName().equals("handle")) {
                    received();
                }
                return null;
            });
            var install = signal.getMethod("handle", signal, handler);
            for (var name : List.of("TERM", "INT")) {
                install.invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
            }
        } catch (InvocationTargetException e) {
            // With the option -Xrs the JVM does not allow handlers.
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This Java has no signals", e);
        }
    }

    private void received() {
        if (received.incrementAndGet() > 1) {
            try {
                beforeHalt.run();
            } finally {
                Runtime.getRuntime().halt(AT_ONCE);
            }
        }
        // The signal thread must stay free for the second signal.
        Thread.ofPlatform().name("stop").start(() -> Runtime.getRuntime().exit(GRACEFUL));
    }
}
