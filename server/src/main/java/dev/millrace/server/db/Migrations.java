package dev.millrace.server.db;

/** Which schema this build needs. A new file under {@code db/migration} raises the number; a test holds the two equal. */
final class Migrations {
    private Migrations() {}

    static int newest() {
        return 13;
    }
}
