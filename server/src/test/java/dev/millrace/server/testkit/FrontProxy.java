package dev.millrace.server.testkit;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * nginx, Caddy or HAProxy before a server, as the packages of Debian bring them ({@code apt-get install nginx caddy
 * haproxy}), by default or with the settings of the guide.
 */
public final class FrontProxy implements AutoCloseable {
    private static final Path GUIDE = Path.of("../docs/guides/behind-a-proxy.md");

    private final Process process;
    private final Path folder;
    private final int port;

    public enum Kind {
        NGINX("nginx", "server { listen 8080; location / { proxy_pass http://127.0.0.1:3003; } }"),
        CADDY("caddyfile", ":8080 {\n reverse_proxy 127.0.0.1:3003\n}"),
        HAPROXY("haproxy", """
                defaults
                    mode http
                    timeout connect 5000
                    timeout client  50000
                    timeout server  50000
                frontend in
                    bind :8080
                    default_backend out
                backend out
                    server one 127.0.0.1:3003
                """);

        private final String language;
        private final String usual;

        Kind(String language, String usual) {
            this.language = language;
            this.usual = usual;
        }

        /** Where the program is, if it is. */
        public Optional<Path> program() {
            return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin")
                    .map(folder -> Path.of(folder, name().toLowerCase(java.util.Locale.ROOT)))
                    .filter(Files::isExecutable)
                    .findFirst();
        }

        private String guided() throws IOException {
            var block =
                    Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$").matcher(Files.readString(GUIDE));
            if (!block.find()) {
                throw new IOException(GUIDE + " has no block for " + this);
            }
            return block.group(1);
        }

        /** What has nothing to do with the server behind it: no service, no rights, folders of its own. */
        private String around(String settings, Path folder) {
            return switch (this) {
                case NGINX -> """
                        daemon off;
                        master_process off;
                        pid %1$s/pid;
                        error_log stderr;
                        events { }
                        http {
                            access_log off;
                            client_body_temp_path %1$s/body;
                            proxy_temp_path %1$s/proxy;
                            fastcgi_temp_path %1$s/fastcgi;
                            uwsgi_temp_path %1$s/uwsgi;
                            scgi_temp_path %1$s/scgi;
                            %2$s
                        }
                        """.formatted(folder, settings);
                case CADDY -> "{\n admin off\n auto_https off\n default_bind 127.0.0.1\n}\n" + settings;
                case HAPROXY -> settings;
            };
        }

        private List<String> command(Path file, Path folder) {
            var program = program().orElseThrow().toString();
            return switch (this) {
                case NGINX -> List.of(program, "-p", folder.toString(), "-e", "stderr", "-c", file.toString());
                case CADDY -> List.of(program, "run", "--adapter", "caddyfile", "--config", file.toString());
                case HAPROXY -> List.of(program, "-db", "-f", file.toString());
            };
        }
    }

    /** @param guided by the guide, instead of what the package does by itself */
    public FrontProxy(Kind kind, boolean guided, int server) throws IOException {
        folder = TestFolder.create("front");
        Files.createDirectories(folder);
        port = freePort();
        var settings = (guided ? kind.guided() : kind.usual)
                .replace("127.0.0.1:3003", "127.0.0.1:" + server)
                .replaceAll("(listen |bind )(:?)8080", "$1127.0.0.1:" + port)
                .replaceAll("(?m)^:8080", ":" + port);
        var file = Files.writeString(folder.resolve("settings"), kind.around(settings, folder));
        var builder = new ProcessBuilder(kind.command(file, folder))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        builder.environment().put("HOME", folder.toString());
        process = builder.start();
        try {
            await().atMost(Duration.ofSeconds(90)).until(this::listens);
        } catch (RuntimeException e) {
            var log = Files.readString(folder.resolve("log"));
            close();
            throw new IOException(kind + " does not start: " + log, e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean listens() {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
        TestFolder.delete(folder);
    }
}
