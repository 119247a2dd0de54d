package dev.millrace.server.function.js;

/**
 * A deployed bundle.
 *
 * @param hash identifies the code
 * @param sdkVersion version of the SDK that compiled the bundle, such as {@code 0.71.2-zero}
 */
public record Script(String name, String integration, String hash, String code, String sdkVersion) {
    /** The file name in stack traces. */
    String file() {
        return name + "-" + integration + ".cjs";
    }

    /** The same code with another file name is another script to a worker, because its stack traces differ. */
    String key() {
        return hash + "/" + file();
    }
}
