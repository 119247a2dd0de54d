package dev.millrace.server.function.js;

/**
 * A deployed bundle.
 *
 * @param hash identifies the code
 * @param sdkVersion what the bundle was compiled with, such as {@code 0.71.2-zero}
 */
public record Script(String name, String integration, String hash, String code, String sdkVersion) {
    /** The file name that stack traces show. */
    String file() {
        return name + "-" + integration + ".cjs";
    }

    /** The same code under another name is another script to a worker: its stack traces differ. */
    String key() {
        return hash + "/" + file();
    }
}
