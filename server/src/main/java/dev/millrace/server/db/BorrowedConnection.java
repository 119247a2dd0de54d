package dev.millrace.server.db;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the pool. One thread at a time returns connections. A thread that returns one to HikariCP while
 * others wait yields until one of them has taken it. Several virtual threads that do so at once would occupy all
 * carrier threads: they yield to each other, and the waiting thread never runs.
 */
final class BorrowedConnection implements InvocationHandler {
    private final Connection connection;
    private final ReentrantLock givingBack;
    private final Runnable givenBack;

    private BorrowedConnection(Connection connection, ReentrantLock givingBack, Runnable givenBack) {
        this.connection = connection;
        this.givingBack = givingBack;
        this.givenBack = givenBack;
    }

    /**
     * @param givingBack one for all connections of a pool
     * @param givenBack called as it is given back
     */
    static Connection of(Connection connection, ReentrantLock givingBack, Runnable givenBack) {
        return (Connection) Proxy.newProxyInstance(
                BorrowedConnection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                new BorrowedConnection(connection, givingBack, givenBack));
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // two connections are never equal
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        return switch (method.getName()) {
            case "close" -> {
                givingBack.lock();
                try {
                    connection.close();
                } finally {
                    givingBack.unlock();
                    givenBack.run();
                }
                yield null;
            }
            case "equals" -> arguments != null && proxy == arguments[0];
            default -> {
                try {
                    yield method.invoke(connection, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getTargetException();
                }
            }
        };
    }
}
