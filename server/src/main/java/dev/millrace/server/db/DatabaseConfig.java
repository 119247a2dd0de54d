package dev.millrace.server.db;

/**
 * Which PostgreSQL to use.
 *
 * @param url a JDBC URL, or {@code postgres://user:password@host:port/name} as most platforms hand it out
 * @param poolSize most connections held at once
 */
public record DatabaseConfig(String url, int poolSize) {
    @Override
    public String toString() {
        return "DatabaseConfig[url=***, poolSize=" + poolSize + ']';
    }
}
