package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.outbound.OutboundConfig;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies of a gigabyte, each way, through a proxy that has a heap of 256 MB. */
@Tag("slow")
@Timeout(300)
class LargeTransferTest {
    private static final long SIZE = 1L << 30;
    private static final byte[] PIECE = piece();

    private static byte[] piece() {
        var bytes = new byte[64 * 1024];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ((i * 31) >> 3);
        }
        return bytes;
    }

    /** The proxy, in a process of its own: tells its port, ends with its input. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws IOException {
            var target = Samples.of(Samples.builtIn("unauthenticated"), "{}");
            try (var server = new ProxyServer(target, 2 * SIZE, OutboundConfig.direct(true))) {
                System.out.println(server.url());
                System.out.flush();
                System.in.read();
            }
        }
    }

    @Test
    void a_gigabyte_goes_up_and_comes_down() throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var provider = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> serve(provider));
            int port = port(process);

            assertThat(up(port, provider.getLocalPort())).isEqualTo(SIZE + " " + crc());
            assertThat(down(port, provider.getLocalPort())).isEqualTo(SIZE + " " + crc());
        } finally {
            process.getOutputStream().close();
            process.waitFor();
        }
        assertThat(process.exitValue()).isZero();
    }

    private static int port(Process process) throws IOException {
        var reader = process.inputReader();
        for (var line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith("http://")) {
                return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
            }
        }
        throw new EOFException("the proxy did not start");
    }

    private static String up(int port, int provider) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            var out = socket.getOutputStream();
            out.write(head(
                    "POST", provider, "Content-Type: application/octet-stream\r\nContent-Length: " + SIZE + "\r\n"));
            send(out);
            var in = new BufferedInputStream(socket.getInputStream());
            assertThat(readHead(in)).startsWith("HTTP/1.1 200");
            return new String(in.readAllBytes(), ISO_8859_1);
        }
    }

    private static String down(int port, int provider) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(head("GET", provider, ""));
            var in = new BufferedInputStream(socket.getInputStream(), PIECE.length);
            assertThat(readHead(in)).startsWith("HTTP/1.1 200");
            return received(in, SIZE);
        }
    }

    private static byte[] head(String method, int provider, String more) {
        return (method + " /proxy/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nProvider-Config-Key: mock-none\r\n"
                        + "Connection-Id: c1\r\nBase-Url-Override: http://127.0.0.1:" + provider + "\r\n" + more
                        + "\r\n")
                .getBytes(ISO_8859_1);
    }

    private static void serve(ServerSocket provider) {
        while (true) {
            try (var socket = provider.accept()) {
                var in = new BufferedInputStream(socket.getInputStream(), PIECE.length);
                var out = socket.getOutputStream();
                boolean upload = readHead(in).startsWith("POST");
                var told = upload ? received(in, SIZE) : "";
                long length = upload ? told.length() : SIZE;
                out.write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + length + "\r\n\r\n" + told)
                        .getBytes(ISO_8859_1));
                if (!upload) {
                    send(out);
                }
            } catch (IOException _) {
                return; // the test is over
            }
        }
    }

    private static void send(OutputStream out) throws IOException {
        for (long sent = 0; sent < SIZE; sent += PIECE.length) {
            out.write(PIECE);
        }
    }

    private static String readHead(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException(head.toString());
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** How many bytes came, and their checksum. */
    private static String received(InputStream in, long most) throws IOException {
        var crc = new CRC32();
        var buffer = new byte[PIECE.length];
        long count = 0;
        while (count < most) {
            int read = in.read(buffer);
            if (read < 0) {
                break;
            }
            crc.update(buffer, 0, read);
            count += read;
        }
        return count + " " + crc.getValue();
    }

    private static long crc() {
        var crc = new CRC32();
        for (long done = 0; done < SIZE; done += PIECE.length) {
            crc.update(PIECE);
        }
        return crc.getValue();
    }
}
