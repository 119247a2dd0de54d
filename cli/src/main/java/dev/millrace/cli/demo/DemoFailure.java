package dev.millrace.cli.demo;

/** A step of the demo failed. */
public final class DemoFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DemoFailure(String message) {
        super(message);
    }

    /** Fails unless the condition holds. */
    static void unless(boolean holds, String message) {
        if (!holds) {
            throw new DemoFailure(message);
        }
    }
}
