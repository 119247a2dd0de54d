package dev.millrace.server.testkit;

import dev.millrace.server.Server;
import dev.millrace.server.db.Database;
import dev.millrace.server.db.DatabaseConfig;
import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A JVM with a server and with authors who write to the same store. It obeys lines on standard input and reports on
 * standard output; {@link StoreServer} is its other end. It ends when its input ends.
 */
final class StoreProcess implements StoreWriter.Report {
    private final Records records;
    private final AtomicBoolean writing = new AtomicBoolean();
    private volatile List<Thread> authors = List.of();

    private StoreProcess(Records records) {
        this.records = records;
    }

    /** The data folder and the database's URL. */
    public static void main(String[] arguments) throws Exception {
        var data = Path.of(arguments[0]);
        try (var server = new Server(TestConfig.of(data, Optional.of(arguments[1])));
                var db = Database.open(new DatabaseConfig(arguments[1], 12));
                var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            server.start();
            var process = new StoreProcess(new Records(db, TestEncryption.of(data)));
            say("ready http://127.0.0.1:" + server.port() + " "
                    + server.defaultKey().secret().orElseThrow());
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                process.obey(line.split(" ", -1));
            }
            process.stop();
        }
    }

    private void obey(String[] words) throws IOException, InterruptedException {
        switch (words[0]) {
            case "write" -> write(Long.parseLong(words[1]), words[2], words[3]);
            case "stop" -> stop();
            case "operation" -> begin(LongOperation.valueOf(words[1]), dataset(words[2]));
            default -> throw new IOException("no such command: " + String.join(" ", words));
        }
    }

    private static Dataset dataset(String text) {
        int end = text.indexOf('/');
        return new Dataset(Long.parseLong(text.substring(0, end)), text.substring(end + 1));
    }

    private void write(long seed, String datasets, String firsts) {
        var to = Arrays.stream(datasets.split(",", -1))
                .map(StoreProcess::dataset)
                .toList();
        var writer = new StoreWriter(records, to, seed, this);
        writing.set(true);
        authors = Arrays.stream(firsts.split(",", -1))
                .map(first -> first.split("=", -1))
                .map(first -> Thread.ofVirtual()
                        .start(() -> writer.write(first[0], Integer.parseInt(first[1]), writing::get)))
                .toList();
    }

    private void stop() throws InterruptedException {
        writing.set(false);
        for (var author : authors) {
            author.join();
        }
        say("stopped");
    }

    private void begin(LongOperation operation, Dataset dataset) {
        Thread.ofVirtual().start(() -> {
            operation.on(records, dataset);
            say("done " + operation);
        });
    }

    @Override
    public void acknowledged(String author, int number) {
        say("ack " + author + " " + number);
    }

    @Override
    public void failed(String author, int number, String why) {
        say("failed " + author + " " + number + " " + why);
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
