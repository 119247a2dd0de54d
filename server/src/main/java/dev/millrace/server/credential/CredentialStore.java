package dev.millrace.server.credential;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Stores the credentials of connections. */
public interface CredentialStore {
    Optional<StoredCredentials> read(long connection);

    /**
     * Replaces the credentials and removes the failure, by a statement of its own.
     *
     * @return false when the credentials have changed since they were read; nothing is stored then
     */
    boolean save(StoredCredentials before, Credentials fresh);

    /** Called after the credentials of a failed connection were renewed: resumes what was paused. */
    void recovered(StoredCredentials before);

    /**
     * Stores why the credentials do not work.
     *
     * @return false when the credentials have changed since they were read; nothing is stored then
     */
    boolean fail(StoredCredentials before, AuthFailure failure);

    /** Handles connections whose recovery was stored by a process that died before it called {@code recovered}. */
    void resumeRecovered();

    /** The internal ids of connections that nobody has read since a time and that can still be renewed. */
    List<StoredCredentials> idle(Instant since, long after, int limit);

    /** Records that the credentials were maintained now. */
    void fetched(long connection);
}
