package dev.millrace.server.credential;

/** Tests stored credentials that cannot be renewed. Implemented by the package that calls providers. */
@FunctionalInterface
public interface CredentialTest {
    /**
     * Returns when the provider accepts them, or when the definition has no verification.
     *
     * @throws TokenFailure when it does not accept them
     */
    void test(StoredCredentials held) throws InterruptedException;
}
