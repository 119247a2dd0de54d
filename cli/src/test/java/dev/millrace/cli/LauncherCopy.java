package dev.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * The launcher in a folder of its own. Maven and npm are scripts that do what a test says; the jars which a build would have
 * made are those of the class path of the tests.
 */
final class LauncherCopy {
    private final Path home;
    private final Path programs;
    private final Map<String, String> environment = new HashMap<>();

    LauncherCopy(Path folder, String name) throws IOException {
        home = Files.createDirectories(folder.resolve(name));
        programs = Files.createDirectories(folder.resolve("programs"));
        Files.copy(Path.of("../pom.xml"), home.resolve("pom.xml"));
        program(home.resolve("millrace"), Files.readString(Path.of("../millrace")));
        // A build fills the folder of the worker; what is in it here is that of this checkout. The launcher may remove
        // links.
        link(Path.of("../runtime").toRealPath(), Files.createDirectories(home.resolve("runtime")));
        copyExamples(Path.of("../examples").toRealPath());
        tool("node", "v24.0.0", "exit 0");
        tool("npm", "11.0.0", "exit 0");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("LC_ALL", "C");
        environment.put("PATH", programs + File.pathSeparator + System.getenv("PATH"));
    }

    /** Copied, since a function may not import files outside its project, which links would lead to. */
    private void copyExamples(Path from) throws IOException {
        try (var all = Files.walk(from)) {
            for (var path : all.filter(each -> !each.toString().contains("node_modules"))
                    .toList()) {
                var copy =
                        home.resolve("examples").resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(path, copy);
                }
            }
        }
    }

    private static void link(Path from, Path to) throws IOException {
        try (var entries = Files.newDirectoryStream(from)) {
            for (var entry : entries) {
                Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
            }
        }
    }

    Path home() {
        return home;
    }

    LauncherCopy with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** What "mvn" does, in the folder of the installation. */
    void maven(String script) throws IOException {
        tool("mvn", "Apache Maven 3.9.9", script);
    }

    /** A build that makes real jars, and no start-up cache. */
    void realBuild() throws IOException {
        var made = Files.createDirectories(home.resolveSibling("made").resolve("lib"));
        int number = 0;
        for (var entry : System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1)) {
            var path = Path.of(entry);
            var jar = made.resolve(number++ + ".jar");
            if (Files.isDirectory(path)) {
                pack(path, jar);
            } else if (entry.endsWith(".jar")) {
                Files.copy(path, jar);
            }
        }
        maven("mkdir -p cli/target && mv '" + made + "' cli/target/lib && : >cli/target/millrace.aot.tried");
    }

    /** A JDK whose "java" prints its arguments, each on a line. */
    void printingJava() throws IOException {
        var jdk = Files.createDirectories(home.resolveSibling("jdk"));
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25\"\n");
        program(jdk.resolve("bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        program(jdk.resolve("bin/javac"), "#!/bin/sh\n");
        environment.put("JAVA_HOME", jdk.toString());
        maven("mkdir -p cli/target/lib runtime/dist && : >cli/target/lib/one.jar && : >cli/target/millrace.aot.tried"
                + " && : >>runtime/dist/.built");
    }

    private void tool(String name, String version, String script) throws IOException {
        program(
                programs.resolve(name),
                "#!/bin/sh\ncase ${1:-} in --version) echo '%s'; exit 0 ;; esac\n%s\n".formatted(version, script));
    }

    private static void program(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void pack(Path folder, Path jar) throws IOException {
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(folder)) {
            for (var file : files.filter(path -> !path.equals(folder)).toList()) {
                // Resources of a folder are found only if the folder has an entry of its own.
                boolean isFolder = Files.isDirectory(file);
                out.putNextEntry(new ZipEntry(folder.relativize(file) + (isFolder ? "/" : "")));
                if (!isFolder) {
                    Files.copy(file, out);
                }
            }
        }
    }

    /** How a command ended. */
    record Result(int status, String output) {}

    Result run(String... arguments) throws IOException, InterruptedException {
        try (var started = start(arguments)) {
            return started.end();
        }
    }

    /** Starts a command as the leader of a process group, as a terminal does. */
    Started start(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("perl", "-e", "$SIG{INT} = 'DEFAULT'; setpgrp; exec @ARGV"));
        command.add(home.resolve("millrace").toString());
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true);
        builder.environment().keySet().retainAll(List.of("HOME", "TMPDIR"));
        builder.environment().putAll(environment);
        return new Started(builder.start());
    }

    /** A command under way. */
    static final class Started implements AutoCloseable {
        private final Process process;
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final Thread reader;

        private Started(Process process) {
            this.process = process;
            this.reader = Thread.ofVirtual().start(() -> {
                try (var in = process.inputReader(UTF_8)) {
                    in.lines().forEach(lines::add);
                } catch (IOException e) {
                    lines.add(e.toString());
                }
            });
        }

        String output() {
            return String.join("\n", lines) + "\n";
        }

        /** Ctrl-C: the terminal sends SIGINT to all processes of the group. */
        void interrupt() throws IOException, InterruptedException {
            new ProcessBuilder("sh", "-c", "kill -INT -" + process.pid())
                    .start()
                    .waitFor();
        }

        Result end() throws InterruptedException {
            int status = process.waitFor();
            reader.join();
            return new Result(status, output());
        }

        @Override
        public void close() throws IOException {
            if (process.isAlive()) {
                new ProcessBuilder("sh", "-c", "kill -KILL -" + process.pid()).start();
            }
        }
    }
}
