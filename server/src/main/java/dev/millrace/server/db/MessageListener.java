package dev.millrace.server.db;

/** Hears what servers on one database tell each other. Called by one thread at a time, which it must not keep long. */
public interface MessageListener {
    void heard(String message);

    /** Messages may have been lost: the connection on which they come was opened anew. */
    void missed();
}
