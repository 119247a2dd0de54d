package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ApiCallTest {
    private static final URI SERVER = URI.create("http://127.0.0.1:3003");

    @Test
    void a_call_is_printed_as_a_shell_command() {
        var call = new ApiCall("POST", "/x?a=1&b=2", Map.of("Connection-Id", "c 1"), Optional.of("{\"n\":\"it's\"}"));

        assertThat(call.curl(SERVER, "$KEY"))
                .isEqualTo("curl -X POST 'http://127.0.0.1:3003/x?a=1&b=2' -H \"Authorization: Bearer $KEY\""
                        + " -H 'Connection-Id: c 1' -H 'Content-Type: application/json' -d '{\"n\":\"it'\\''s\"}'");
        assertThat(call.curl(SERVER, "k", Path.of("/tmp/b.json"))).endsWith("-d '@/tmp/b.json'");
    }

    @Test
    void a_get_has_no_body() {
        assertThat(new ApiCall("GET", "/health", Map.of(), Optional.empty()).curl(SERVER, "k"))
                .isEqualTo("curl 'http://127.0.0.1:3003/health' -H \"Authorization: Bearer k\"");
    }
}
