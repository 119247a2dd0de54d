package dev.millrace.server.cluster;

/** Another process has claimed what this one worked on. Its transaction is undone, and it records nothing more. */
public final class LeaseLost extends RuntimeException {
    /** By which logs and functions know it. */
    public static final String CODE = "lease_lost";

    private static final long serialVersionUID = 1L;

    public LeaseLost(String what) {
        super(CODE + ": another process has taken over " + what, null, false, false);
    }
}
