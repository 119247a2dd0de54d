package dev.millrace.server.db;

/**
 * The schema version that this build needs. A new file under {@code db/migration} raises the number; a test keeps both
 * equal.
 */
final class Migrations {
    private Migrations() {}

    static int newest() {
        return 14;
    }
}
