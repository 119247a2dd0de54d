package dev.millrace.server.metadata;

import dev.millrace.server.environment.Settings;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Part;
import dev.millrace.server.http.Storable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Refuses metadata that is too large, too deep, or that PostgreSQL cannot store. */
final class Limits {
    private static final int MOST_BYTES_PER_CHAR = 3;

    private final int depth;
    private final Deque<String> path = new ArrayDeque<>();

    private Limits(int depth) {
        this.depth = depth;
    }

    /** Checks the parsed value before it is written as text, because writing a very deep value would fail. */
    static void checkShape(ObjectNode object, Settings settings) {
        new Limits(settings.metadataMaxDepth()).walk(object);
    }

    static void checkSize(String text, Settings settings) {
        int most = settings.metadataMaxBytes();
        if (text.length() > most / MOST_BYTES_PER_CHAR && text.getBytes(StandardCharsets.UTF_8).length > most) {
            throw Failure.plain(
                    413,
                    "metadata_too_large",
                    "The metadata would be larger than the limit of " + most
                            + " bytes (environment setting metadata_max_bytes).");
        }
    }

    private void walk(JsonNode node) {
        switch (node) {
            case ObjectNode object -> {
                deeper();
                for (var entry : object.properties()) {
                    path.addLast(entry.getKey());
                    check(entry.getKey(), "key");
                    walk(entry.getValue());
                    path.removeLast();
                }
            }
            case ArrayNode array -> {
                deeper();
                for (int i = 0; i < array.size(); i++) {
                    path.addLast(String.valueOf(i));
                    walk(array.get(i));
                    path.removeLast();
                }
            }
            default -> {
                if (node.isString()) {
                    check(node.stringValue(), "text");
                }
            }
        }
    }

    private void deeper() {
        if (path.size() >= depth) {
            throw refuse("The metadata has more than " + depth + " levels (environment setting metadata_max_depth)");
        }
    }

    private void check(String text, String what) {
        Storable.fault(text).ifPresent(why -> {
            throw refuse("This " + what + " " + why);
        });
    }

    /** The path is part of the response, so it must not contain characters that were refused. */
    private Failure refuse(String message) {
        return Part.BODY.refuse(
                "custom", message, path.stream().map(Storable::text).toArray(String[]::new));
    }
}
