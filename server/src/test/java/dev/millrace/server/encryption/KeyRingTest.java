package dev.millrace.server.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyRingTest {
    private static final String A = base64(1);
    private static final String B = base64(2);

    @TempDir
    Path folder;

    private static String base64(int fill) {
        var bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void base64_alone_is_the_key_with_id_one() {
        assertThat(KeyRing.parse(A + "\n")).isEqualTo(KeyRing.parse("1:" + A));
    }

    @Test
    void keys_are_separated_by_commas_or_lines_and_may_have_comments() {
        var expected = KeyRing.parse("2:" + B + ",1:" + A);

        assertThat(expected.ids()).containsExactly(2, 1);
        assertThat(expected.first().id()).isEqualTo(2);
        assertThat(KeyRing.parse("# the new one\n2:" + B + " # since May\n\n  " + A + "\r\n"))
                .isEqualTo(expected);
        assertThat(KeyRing.parse(expected.text())).isEqualTo(expected);
        assertThat(expected.toString()).isEqualTo("KeyRing[2, 1]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''              | There is no encryption key",
                "# nothing       | There is no encryption key",
                "1:<a>,1:<b>         | id 1 is given twice",
                "<a>,1:<b>           | id 1 is given twice",
                "2:<a>,1:<a>         | keys 2 and 1 are the same",
                "0:<a>             | id 0 is out of range: choose one from 1 to 255",
                "256:<a>           | id 256 is out of range",
                "2:<a>,x:<b>         | The id of encryption key number 2 of the list is not a number",
                "-1:<a>            | The id of encryption key number 1 of the list is not a number",
                ":<a>              | not a number",
                "3:short         | key 3 is not base64",
                "3:c2hvcnQ=      | key 3 holds 5 bytes; it needs 32",
                "c2hvcnQ=        | key 1 holds 5 bytes; it needs 32",
                "2:               | key 2 holds 0 bytes",
                "?               | key 1 is not base64"
            })
    void what_is_no_list_of_keys_is_refused(String text, String message) {
        var given = text.replace("<a>", A).replace("<b>", B);

        assertThatThrownBy(() -> KeyRing.parse(given))
                .isInstanceOf(KeysRefused.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain(A, B));
    }

    @Test
    void a_bad_file_or_setting_is_named() throws Exception {
        Files.writeString(folder.resolve("encryption.key"), "nonsense!");

        assertThatThrownBy(() -> new KeySource(folder, Optional.empty()).read())
                .isInstanceOf(KeysRefused.class)
                .hasMessageContaining(folder.resolve("encryption.key").toString())
                .hasMessageContaining("openssl rand -base64 32");
        assertThatThrownBy(() -> new KeySource(folder, Optional.of("1:x")).read())
                .hasMessageContaining("MILLRACE_ENCRYPTION_KEYS");
    }

    @Test
    void an_added_key_is_first_in_a_file_of_the_owner_alone() throws Exception {
        var source = new KeySource(folder, Optional.empty());
        var made = source.create();

        var grown = source.add(2);

        assertThat(grown.ids()).containsExactly(2, 1);
        assertThat(grown.find(1)).isEqualTo(made.find(1));
        assertThat(source.read()).hasValue(grown);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("encryption.key"))))
                .isEqualTo("rw-------");
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
        assertThatThrownBy(() -> source.add(2)).hasMessageContaining("given twice");
        assertThat(source.read()).hasValue(grown);
    }
}
