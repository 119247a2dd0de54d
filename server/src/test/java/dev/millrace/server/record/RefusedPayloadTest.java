package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be kept is refused with a reason, and all of its batch with it. */
class RefusedPayloadTest {
    private static final Shelf shelf = new Shelf();
    private static final PayloadChecks payloads = new PayloadChecks(shelf);

    @AfterEach
    void nothing_is_kept() {
        assertThat(payloads.read()).isEmpty();
        assertThat(shelf.counters()).isEqualTo(shelf.counted());
    }

    @AfterAll
    static void close() {
        shelf.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "false",
                "{}",
                "[]",
                "null",
                "\"\"",
                "0",
                "-0",
                "0.0e5",
                "0e99999999999",
                "1e99999999999",
                "100e2147483647",
                "1e-99999999999",
                "\"\\ud800\"",
                "\"a\\udc00\""
            })
    void what_can_be_no_id_is_refused(String id) {
        payloads.refused("{\"v\":1,\"id\":" + id + "}", "id");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7",
                "\"text\"",
                "null",
                "[]",
                "[{\"id\":\"x\"}]",
                "\uFEFF{\"id\":\"x\"}",
                "{\"id\":\"x\"}\uFEFF",
                "{\"id\":\"x\"}{\"id\":\"y\"}",
                "{\"id\":\"x\"},{}",
                "{\"id\":\"x\"}]}",
                "{\"id\":\"x\"",
                "{\"id\":\"x\",}",
                "{\"id\":\"x\",\"\\ud800\":1}",
                "{\"id\":\"x\",\"v\":{\"\\udc00\":1}}",
                "{\"id\":\"x\",\"v\":NaN}",
                "{\"id\":\"x\",\"v\":01}",
                "{\"id\":\"x\",\"v\":+1}",
                "{\"id\":\"x\",\"v\":.5}",
                "{\"id\":\"x\",\"v\":'a'}",
                "{\"id\":\"x\",\"v\":\"\n\"}",
                "{\"id\":\"x\" /* no */}",
                "{id:\"x\"}"
            })
    void what_is_no_json_object_is_refused(String text) {
        payloads.refused(text, "index 1");
    }

    @Test
    void what_is_not_utf_8_is_refused() {
        for (var bytes : List.of(
                bytes(0xFF), // never
                bytes(0xC3), // cut off
                bytes(0x80), // a rest without a start
                bytes(0xC0, 0x80), // longer than needed
                bytes(0xE0, 0x80, 0xAF),
                bytes(0xF0, 0x80, 0x80, 0xAF),
                bytes(0xED, 0xA0, 0x80), // half a pair
                bytes(0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80), // both halves
                bytes(0xF4, 0x90, 0x80, 0x80), // beyond the last character
                bytes(0xF5, 0x80, 0x80, 0x80))) {
            payloads.refused(around("{\"id\":\"x\",\"v\":\"", bytes, "\"}"), "UTF-8");
            payloads.refused(around("{\"id\":\"x\",\"", bytes, "\":1}"), "UTF-8");
            payloads.refused(around("{\"id\":\"", bytes, "\"}"), "UTF-8");
        }
    }

    private static byte[] bytes(int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] around(String before, byte[] middle, String after) {
        return new Bytes(100)
                .put(before.getBytes(UTF_8))
                .put(middle)
                .put(after.getBytes(UTF_8))
                .toArray();
    }
}
