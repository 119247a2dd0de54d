package dev.millrace.bench;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** Runs {@link Upstream} as a process, so that its CPU time is not counted. */
public final class UpstreamProcess implements AutoCloseable {
    private final Process process;
    private final URI url;

    private UpstreamProcess(Process process, URI url) {
        this.process = process;
        this.url = url;
    }

    public static UpstreamProcess start(File log) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var process = new ProcessBuilder(List.of(
                        java,
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Load.class.getName(),
                        Load.UPSTREAM))
                .redirectError(ProcessBuilder.Redirect.appendTo(log))
                .start();
        var line = process.inputReader().readLine();
        if (line == null || !line.startsWith(Upstream.GREETING)) {
            process.destroy();
            throw new IOException("The API to call did not start; what it said is in " + log);
        }
        return new UpstreamProcess(process, URI.create(line.substring(Upstream.GREETING.length())));
    }

    URI url() {
        return url;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
