package dev.millrace.bench;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A request to be sent many times.
 *
 * @param headers whole lines, besides Host and the body's
 * @param body JSON text, empty for none
 */
record Call(String method, String path, List<String> headers, String body) {
    Call {
        headers = List.copyOf(headers);
    }

    /** All that goes over the wire. */
    byte[] bytes(URI server) {
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
