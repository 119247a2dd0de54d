package dev.millrace.server.credential;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Where the credentials of connections are kept. */
public interface CredentialStore {
    Optional<StoredCredentials> read(long connection);

    /**
     * Replaces the credentials and forgets the failure, by a statement of its own.
     *
     * @return false when they have changed since they were read: then nothing is stored
     */
    boolean save(StoredCredentials before, Credentials fresh);

    /** After the credentials of a failed connection were renewed: what has waited for them goes on. */
    void recovered(StoredCredentials before);

    /**
     * Notes why the credentials are not good.
     *
     * @return false when they have changed since they were read: then nothing is noted
     */
    boolean fail(StoredCredentials before, AuthFailure failure);

    /** Sees to those whose recovery was stored by a process that died before it told. */
    void resumeRecovered();

    /** Those that nobody has read since a moment and that may still be renewed, by internal id. */
    List<StoredCredentials> idle(Instant since, long after, int limit);

    /** Notes that the credentials were looked after now. */
    void fetched(long connection);
}
