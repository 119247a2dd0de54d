package dev.millrace.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * SIGTERM and Ctrl-C: the first lets the shutdown hooks do their work and ends the process with 0, the second ends it at
 * once with 1. By itself the JVM would answer 143 to the one and nothing to the other.
 */
final class StopSignals {
    private static final int IN_GOOD_ORDER = 0;
    private static final int AT_ONCE = 1;

    private final AtomicInteger received = new AtomicInteger();

    /** From now on the two signals are handled here. */
    void handle() {
        // By reflection: the module jdk.unsupported offers the type to everyone, but javac warns of it all the same.
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
            // Such as with the option -Xrs: then the JVM does what it does.
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This Java has no signals", e);
        }
    }

    private void received() {
        if (received.incrementAndGet() > 1) {
            Runtime.getRuntime().halt(AT_ONCE);
        }
        // The signal's own thread must be free for the second one.
        Thread.ofPlatform().name("stop").start(() -> Runtime.getRuntime().exit(IN_GOOD_ORDER));
    }
}
