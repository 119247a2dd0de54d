package dev.millrace.server.db;

/** Which schema this build needs. */
final class Migrations {
    /** The newest file under {@code db/migration}. A test holds it equal to that file and says what to write here. */
    static final Applied NEWEST = new Applied(2, -1327081421);

    private Migrations() {}

    /** @param checksum as Flyway computes it: a changed file is another schema */
    record Applied(int version, int checksum) {}
}
