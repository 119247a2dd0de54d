package dev.millrace.server.db;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which PostgreSQL to use.
 *
 * @param url a JDBC URL, or {@code postgres://user:password@host:port/name} as most platforms provide it
 * @param poolSize the maximum number of connections
 * @param folder the data folder of an embedded PostgreSQL, for messages
 */
public record DatabaseConfig(String url, int poolSize, Optional<Path> folder) {
    /** A PostgreSQL that the operator named by its URL. */
    public DatabaseConfig(String url, int poolSize) {
        this(url, poolSize, Optional.empty());
    }

    @Override
    public String toString() {
        return "DatabaseConfig[url=***, poolSize=" + poolSize + ", folder=" + folder + ']';
    }
}
