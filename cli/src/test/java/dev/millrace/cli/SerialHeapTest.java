package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.HeapWatch.Room;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** In processes of their own, with the options of the launcher. */
class SerialHeapTest {
    /** Its part: tells after each collection how large the young generation is, and what the heap takes beside what is alive. */
    static final class Subject {
        private static final int MEGABYTE = 1024 * 1024;
        private static final byte[] LIVE = new byte[20 * MEGABYTE];

        private Subject() {}

        static void main() {
            SerialHeap.ofThisProcess().ifPresent(Subject::tell);
        }

        private static void tell(SerialHeap heap) {
            tell("start");
            for (var room : List.of(Room.AMPLE, Room.LITTLE, Room.AMPLE)) {
                heap.collect(room);
                tell(room.name());
            }
        }

        private static void tell(String when) {
            long eden = ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getName().equals("Eden Space"))
                    .mapToLong(pool -> pool.getUsage().getCommitted())
                    .sum();
            long rest = Runtime.getRuntime().totalMemory() - LIVE.length;
            System.out.println(when + " " + eden / MEGABYTE + " " + rest / MEGABYTE);
        }
    }

    private record Line(String when, long eden, long rest) {
        private static final Pattern FORM = Pattern.compile("(\\w+) (\\d+) (\\d+)");

        static Line of(String text) {
            var parts = FORM.matcher(text);
            assertThat(parts.matches()).as(text).isTrue();
            return new Line(parts.group(1), Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3)));
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

    private static List<Line> told(List<String> options) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Subject.class.getName()));
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var lines = process.inputReader()) {
            var all = lines.lines().map(Line::of).toList();
            assertThat(process.waitFor()).isZero();
            return all;
        }
    }

    @Test
    void the_young_generation_grows_and_shrinks_with_the_room_that_is_left() throws Exception {
        var lines = told(launcherOptions());

        assertThat(lines).extracting(Line::when).containsExactly("start", "AMPLE", "LITTLE", "AMPLE");
        assertThat(lines.get(0).eden()).isLessThan(10);
        assertThat(lines.get(1).eden()).isGreaterThan(20);
        assertThat(lines.get(2).eden()).isLessThan(10);
        assertThat(lines.get(2).rest()).isLessThan(20);
        assertThat(lines.get(3).eden()).isGreaterThan(20);
    }

    @Test
    void another_collector_is_left_to_itself() throws Exception {
        assertThat(told(List.of("-XX:+UseParallelGC"))).isEmpty();
    }
}
