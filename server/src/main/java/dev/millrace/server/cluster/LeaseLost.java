package dev.millrace.server.cluster;

/**
 * Another process has claimed the work of this one. The transaction is rolled back, and this process records nothing
 * more.
 */
public final class LeaseLost extends RuntimeException {
    /** The name of this failure in logs and functions. */
    public static final String CODE = "lease_lost";

    private static final long serialVersionUID = 1L;

    public LeaseLost(String what) {
        super(CODE + ": another process has taken over " + what, null, false, false);
    }
}
