package dev.millrace.server.proxy;

/** Returns the connection of a call with its current credentials. */
@FunctionalInterface
public interface TargetSource {
    Target current() throws InterruptedException;
}
