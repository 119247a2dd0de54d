package dev.millrace.server.credential;

/** Tries stored credentials out that cannot be renewed; the package that calls providers does it. */
@FunctionalInterface
public interface CredentialTest {
    /**
     * Returns when the provider takes them, or when there is no way to find out.
     *
     * @throws TokenFailure when it does not
     */
    void test(StoredCredentials held) throws InterruptedException;
}
