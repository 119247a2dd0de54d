package dev.millrace.bench;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A started server without requests: its memory and its CPU time. */
final class Idle implements Scenario {
    private static final Reference MEMORY = new Reference("1,300 MB", 1300);

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String about() {
        return "a started server left alone: memory, CPU";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        var subject = stage.subject();
        TimeUnit.SECONDS.sleep(settings.warmUp());
        var before = subject.cpu();
        TimeUnit.SECONDS.sleep(settings.seconds());
        var cpu = subject.cpu().minus(before);
        var memory = subject.memory();
        return new Result(
                name(),
                0,
                settings.seconds(),
                Optional.empty(),
                cpu,
                memory,
                MEMORY.text(),
                MEMORY.factor(memory.sum()));
    }
}
