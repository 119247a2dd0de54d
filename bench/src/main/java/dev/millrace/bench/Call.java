package dev.millrace.bench;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A request that is sent many times.
 *
 * @param headers whole lines, besides Host and those of the body
 * @param body JSON text, empty for none; {@link #TURN} in it is replaced by a value that alternates, so that each
 * request is a change
 */
record Call(String method, String path, List<String> headers, String body) {
    static final String TURN = "{turn}";

    Call {
        headers = List.copyOf(headers);
    }

    /** The bytes of two requests that alternate. */
    byte[][] turns(URI server) {
        return new byte[][] {bytes(server, body.replace(TURN, "0")), bytes(server, body.replace(TURN, "1"))};
    }

    byte[] bytes(URI server) {
        return bytes(server, body);
    }

    private byte[] bytes(URI server, String body) {
        var text = new StringBuilder(method + ' ' + path + " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\n");
        headers.forEach(header -> text.append(header).append("\r\n"));
        if (!body.isEmpty()) {
            text.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(body.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n");
        }
        return text.append("\r\n").append(body).toString().getBytes(StandardCharsets.UTF_8);
    }
}
