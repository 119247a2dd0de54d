package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.HeapWatch.Room;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** In processes of their own, with the options of the launcher. */
class SerialHeapTest {
    /** The part of a process: tells after each collection whether the young generation can grow, and what the heap takes. */
    static final class Subject {
        private static final byte[] LIVE = new byte[20 * 1024 * 1024];

        private Subject() {}

        static void main() {
            SerialHeap.ofThisProcess().ifPresent(Subject::tell);
        }

        private static void tell(SerialHeap heap) {
            tell("start", heap);
            for (var room : List.of(Room.AMPLE, Room.LITTLE, Room.AMPLE)) {
                heap.collect(room);
                tell(room.name(), heap);
            }
        }

        private static void tell(String when, SerialHeap heap) {
            long megabytes = Runtime.getRuntime().totalMemory() / 1024 / 1024;
            System.out.println(when + " " + heap.canGrow() + " " + (megabytes - LIVE.length / 1024 / 1024));
        }
    }

    private static List<String> launcherOptions() throws IOException {
        var text = Files.readString(Path.of("../millrace"));
        var command = text.substring(text.indexOf("-XX:+UseSerialGC"), text.indexOf("-cp \"$class_path\""));
        return Pattern.compile("-X\\S+")
                .matcher(command)
                .results()
                .map(r -> r.group())
                .toList();
    }

    private static List<String> told(List<String> options) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Subject.class.getName()));
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var lines = process.inputReader()) {
            var all = lines.lines().toList();
            assertThat(process.waitFor()).isZero();
            return all;
        }
    }

    private static long unusedMegabytes(String line) {
        return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    }

    @Test
    void the_young_generation_grows_and_shrinks_with_the_room_that_is_left() throws Exception {
        var lines = told(launcherOptions());

        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).startsWith("start true");
        assertThat(lines.get(1)).startsWith("AMPLE false");
        assertThat(lines.get(2)).startsWith("LITTLE true");
        assertThat(lines.get(3)).startsWith("AMPLE false");
        assertThat(unusedMegabytes(lines.get(2))).isLessThan(20);
    }

    @Test
    void another_collector_is_left_to_itself() throws Exception {
        assertThat(told(List.of("-XX:+UseParallelGC"))).isEmpty();
    }
}
