package dev.millrace.server.db;

/**
 * Which PostgreSQL to use.
 *
 * @param url a JDBC URL, or {@code postgres://user:password@host:port/name} as most platforms provide it
 * @param poolSize the maximum number of connections
 */
public record DatabaseConfig(String url, int poolSize) {
    @Override
    public String toString() {
        return "DatabaseConfig[url=***, poolSize=" + poolSize + ']';
    }
}
