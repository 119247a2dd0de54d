package dev.millrace.server.db;

/**
 * Receives the messages between servers on one database. Called by one thread at a time; implementations must return
 * quickly.
 */
public interface MessageListener {
    void heard(String message);

    /** Messages may have been lost, because the connection was reopened. */
    void missed();
}
