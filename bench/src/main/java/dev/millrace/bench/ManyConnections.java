package dev.millrace.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/** An integration with very many connections, to measure a lookup by metadata. */
final class ManyConnections {
    static final int SIZE = 100_000;

    private static final String INTEGRATION = "crowd";
    private static final int IMPORTERS = 8;

    private ManyConnections() {}

    /** The connection that a client reads, somewhere in the middle. */
    static String connection(int client) {
        return "crowd-" + (client * 7919 + SIZE / 2) % SIZE;
    }

    static String byId(int client) {
        return "/connections/" + connection(client) + "?provider_config_key=" + INTEGRATION;
    }

    static String byMetadata(int client) {
        return "/connections?metadata%5BemailAddress%5D=" + connection(client) + "@example.com";
    }

    /** Imports the connections, unless an earlier scenario has. */
    static void gather(Stage stage) throws IOException, InterruptedException {
        if (stage.client().integration(INTEGRATION).isPresent()) {
            return;
        }
        stage.client()
                .createIntegration(Map.of(
                        "provider",
                        "unauthenticated",
                        "unique_key",
                        INTEGRATION,
                        "metadata_index",
                        List.of("emailAddress")));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = new ArrayList<Callable<Integer>>();
            for (int importer = 0; importer < IMPORTERS; importer++) {
                int first = importer;
                work.add(() -> gather(stage, first));
            }
            for (var one : threads.invokeAll(work)) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("the connections could not be imported: " + e.getCause(), e);
        }
    }

    private static int gather(Stage stage, int first) throws IOException {
        var url = stage.subject().url();
        int count = 0;
        try (var wire = new Wire(url)) {
            for (int number = first; number < SIZE; number += IMPORTERS) {
                var body = "{\"provider_config_key\":\"" + INTEGRATION + "\",\"connection_id\":\"crowd-" + number
                        + "\",\"credentials\":{\"type\":\"NONE\"},\"metadata\":{\"emailAddress\":\"crowd-" + number
                        + "@example.com\",\"region\":\"emea\"}}";
                var call = new Call("POST", "/connections", Requests.headers(stage, "none"), body);
                int status = wire.send(call.bytes(url));
                if (status != 201) {
                    throw new IOException("an import was answered " + status + ": " + wire.body());
                }
                count++;
            }
        }
        return count;
    }
}
