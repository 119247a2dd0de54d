package dev.millrace.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.function.js.PinnedNode;
import dev.millrace.server.http.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compares bodies with the output of JavaScript's {@code JSON.stringify}. The older signature check of the official
 * client parses a body and serializes it again.
 */
class BodyTextTest {
    private static final String PRINT = """
            const fs = require('fs');
            const sorted = value => Array.isArray(value) ? value.map(sorted)
              : value !== null && typeof value === 'object'
                ? Object.fromEntries(Object.keys(value).sort().map(key => [key, sorted(value[key])]))
                : value;
            const lines = fs.readFileSync(process.argv[2], 'utf8').split('\\n').filter(Boolean);
            fs.writeFileSync(process.argv[3], lines.map(line => JSON.stringify(sorted(JSON.parse(line)))).join('\\n'));
            """;
    private static final List<String> CHARACTERS = List.of(
            "a",
            "Z",
            "\\u0000",
            "\\u001f",
            "\\u007f",
            "\\u2028",
            "\\ud83d\\ude00",
            "\\ud800",
            "\\udc00",
            "\\/",
            "/",
            "\\\"",
            "\\\\",
            "\\n",
            "\\t",
            "\\b",
            "\\f",
            "\\r",
            "é",
            "中",
            "\uD83D\uDE00",
            "<",
            "'");
    private static final List<String> NUMBERS = List.of(
            "0",
            "-0",
            "1.0",
            "-1.50",
            "1e21",
            "1e20",
            "123456789012345678901",
            "1e-6",
            "1e-7",
            "1.5e-7",
            "0.1",
            "5e-324",
            "9e-324",
            "1.7976931348623157e308",
            "1e400",
            "-1e400",
            "1e-400",
            "9007199254740993",
            "12345678901234567890",
            "2e23",
            "1e23",
            "4.35",
            "100",
            "1E2",
            "999999999999999999999",
            "1000000000000000",
            "999999999999999.9");

    @TempDir
    static Path folder;

    @Test
    void output_equals_that_of_javascript() throws Exception {
        var random = new Random(7);
        var texts = new ArrayList<String>(NUMBERS);
        for (int i = 0; i < 20_000; i++) {
            texts.add(number(random));
        }
        for (int i = 0; i < 5_000; i++) {
            texts.add(value(random, 4));
        }

        var printed = printed(texts);

        for (int i = 0; i < texts.size(); i++) {
            assertThat(BodyText.of(Json.parse(texts.get(i)))).as(texts.get(i)).isEqualTo(printed.get(i));
        }
    }

    private static List<String> printed(List<String> texts) throws IOException, InterruptedException {
        var in = Files.write(folder.resolve("in"), texts);
        var out = folder.resolve("out");
        var script = Files.writeString(folder.resolve("print.cjs"), PRINT);
        var node = PinnedNode.in(Path.of("../runtime").toAbsolutePath().normalize())
                .orElseThrow();
        var process = new ProcessBuilder(node.toString(), script.toString(), in.toString(), out.toString())
                .redirectErrorStream(true)
                .start();
        var output = process.inputReader().readAllAsString();
        assertThat(process.waitFor()).as(output).isZero();
        return Files.readAllLines(out);
    }

    private static String value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0 -> "null";
            case 1 -> String.valueOf(random.nextBoolean());
            case 2, 3 -> text(random, "");
            case 4 -> number(random);
            case 5 -> {
                var members = new ArrayList<String>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    // Names are not numeric: JavaScript puts numeric names first, whatever their order.
                    members.add(name(random, i) + ':' + value(random, depth - 1));
                }
                yield '{' + String.join(",", members) + '}';
            }
            default -> {
                var items = new ArrayList<String>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    items.add(value(random, depth - 1));
                }
                yield '[' + String.join(",", items) + ']';
            }
        };
    }

    private static String text(Random random, String end) {
        var text = new StringBuilder("\"");
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(CHARACTERS.get(random.nextInt(CHARACTERS.size())));
        }
        return text.append(end).append('"').toString();
    }

    /** A member name without lone surrogates; only values contain them. */
    private static String name(Random random, int number) {
        return text(random, "k" + number).replace("\\ud800", "").replace("\\udc00", "");
    }

    private static String number(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> String.valueOf(random.nextInt());
            case 1 -> String.valueOf(random.nextLong());
            case 2 -> random.nextInt(1_000_000) + "." + random.nextInt(1_000_000);
            default -> {
                double value = Double.longBitsToDouble(random.nextLong());
                yield Double.isFinite(value) ? String.valueOf(value) : "1e999";
            }
        };
    }

    @ParameterizedTest
    @CsvSource({
        "5E-324,5e-324",
        "1.0E23,1e+23",
        "1.0E-7,1e-7",
        "123456.0,123456",
        "-1.5E300,-1.5e+300",
        "0.000001,0.000001"
    })
    void numbers_are_formatted_as_in_javascript(double value, String text) {
        assertThat(BodyText.number(value)).isEqualTo(text);
    }

    @Test
    void members_are_sorted_at_every_level() {
        assertThat(BodyText.of(Json.parse("{\"b\":{\"z\":1,\"A\":[{\"y\":1,\"x\":2.0}]},\"B\":null,\"10\":1,\"9\":1}")))
                .isEqualTo("{\"10\":1,\"9\":1,\"B\":null,\"b\":{\"A\":[{\"x\":2,\"y\":1}],\"z\":1}}");
    }
}
