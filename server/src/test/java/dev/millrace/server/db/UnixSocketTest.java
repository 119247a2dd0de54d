package dev.millrace.server.db;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    @TempDir
    Path folder;

    private ServerSocketChannel server;
    private Socket socket;
    private SocketChannel peer;

    @BeforeEach
    void connect() throws IOException {
        var path = folder.resolve("socket");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        socket = new UnixSocketFactory(path.toString()).createSocket();
        assertThat(socket.isConnected()).isFalse();
        assertThatThrownBy(() -> socket.getOutputStream().write(1)).isInstanceOf(SocketException.class);
        // The driver names the host and port of its URL.
        socket.connect(InetSocketAddress.createUnresolved("127.0.0.1", 5432), 10_000);
        peer = server.accept();
    }

    @AfterEach
    void close() throws IOException {
        peer.close();
        socket.close();
        server.close();
    }

    @Test
    void bytes_go_both_ways_until_the_other_side_ends() throws Exception {
        var long_ = new byte[3_000_000];
        long_[long_.length - 1] = 7;
        var writer = new FutureTask<>(() -> {
            socket.getOutputStream().write(long_);
            return null;
        });
        Thread.ofVirtual().start(writer);
        var heard = ByteBuffer.allocate(long_.length);
        while (heard.hasRemaining() && peer.read(heard) >= 0) {}
        writer.get();
        assertThat(heard.array()).isEqualTo(long_);

        say("\u00ff");
        peer.shutdownOutput();
        assertThat(socket.getInputStream().readAllBytes()).isEqualTo("\u00ff".getBytes(UTF_8));
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void a_read_that_timed_out_loses_nothing() throws Exception {
        socket.setSoTimeout(20);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

        say("ab");
        assertThat(socket.getInputStream().read()).isEqualTo('a');
        socket.setSoTimeout(0);
        assertThat(socket.getInputStream().read()).isEqualTo('b');

        socket.setSoTimeout(60_000);
        var read = reader();
        say("c");
        assertThat(read.get()).isEqualTo('c');
    }

    @Test
    void closing_ends_reads_with_and_without_a_timeout() throws Exception {
        for (int timeout : new int[] {0, 60_000}) {
            socket.setSoTimeout(timeout);
            var read = reader();
            socket.close();
            assertThatThrownBy(read::get).hasCauseInstanceOf(SocketException.class);
            assertThat(socket.isClosed()).isTrue();
            peer.close();
            server.close();
            Files.delete(folder.resolve("socket"));
            connect();
        }
    }

    @Test
    void the_last_bytes_of_a_closed_peer_are_read_even_after_a_failed_write() throws Exception {
        say("!");
        peer.close();

        socket.getOutputStream().write(1);
        socket.getOutputStream().write(2);

        assertThat(socket.getInputStream().read()).isEqualTo('!');
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        socket.close();
        assertThatThrownBy(() -> socket.getOutputStream().write(3)).isInstanceOf(SocketException.class);
    }

    @Test
    void an_interrupt_ends_a_read_with_a_timeout() throws Exception {
        socket.setSoTimeout(60_000);
        var read = new FutureTask<>(() -> socket.getInputStream().read());
        var thread = Thread.ofVirtual().start(read);

        thread.interrupt();

        assertThatThrownBy(read::get).hasCauseInstanceOf(SocketException.class);
        assertThat(socket.isClosed()).isTrue();
    }

    private FutureTask<Integer> reader() throws InterruptedException {
        var read = new FutureTask<>(() -> socket.getInputStream().read());
        var thread = Thread.ofVirtual().start(read);
        while (thread.getState() == Thread.State.NEW || thread.getState() == Thread.State.RUNNABLE) {
            Thread.sleep(1);
        }
        return read;
    }

    private void say(String text) throws IOException {
        peer.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }
}
