package dev.millrace.server.provider;

/** Thrown where YAML goes beyond what {@link PlainYaml} reads: it is left to the library. */
final class Beyond extends RuntimeException {
    Beyond() {
        super(null, null, false, false);
    }
}
