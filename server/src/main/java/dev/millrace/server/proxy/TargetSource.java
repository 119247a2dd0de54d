package dev.millrace.server.proxy;

/** Gives the connection that a call is for, with its current credentials. */
@FunctionalInterface
public interface TargetSource {
    Target current() throws InterruptedException;
}
