package dev.millrace.bench;

import dev.millrace.client.ConnectionRef;
import java.io.IOException;
import java.util.Map;

/** The first call of an action, whose code is not compiled yet and for which no realm is prepared. */
final class FirstCalls implements Scenario {
    private static final int ACTIONS = 100;

    @Override
    public String name() {
        return "action-first";
    }

    @Override
    public String about() {
        return "POST /action/trigger: the first call of each of " + ACTIONS + " actions, one after the other";
    }

    @Override
    public Result run(Stage stage, Settings settings) throws IOException, InterruptedException {
        stage.deployCopies("echo", ACTIONS);
        var connection = stage.connect(Stage.connection(0));
        call(stage, connection, "echo");
        var subject = stage.subject();
        var nanos = new long[ACTIONS];
        var before = subject.cpu();
        long began = System.nanoTime();
        for (int number = 0; number < ACTIONS; number++) {
            nanos[number] = call(stage, connection, "echo-" + number);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        var cpu = subject.cpu().minus(before).times(1000.0 / ACTIONS);
        return Result.ofRequests(
                name(), ACTIONS, seconds, Requests.latency(nanos), cpu, subject.memory(), Reference.NONE);
    }

    private static long call(Stage stage, ConnectionRef connection, String action) {
        long began = System.nanoTime();
        stage.client().triggerAction(connection, action, Map.of("message", "hello"));
        return System.nanoTime() - began;
    }
}
