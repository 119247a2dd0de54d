package dev.millrace.server.run;

import dev.millrace.server.function.js.HostError;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Storable;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A run's checkpoint. Writes succeed only if the stored version is the one that this run has seen last. */
public final class CheckpointCalls {
    private static final int MOST_FIELDS = 16;
    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_TEXT = 4_000;

    private final Checkpoints checkpoints;
    private final long connection;
    private final String key;
    private @Nullable String first;
    private @Nullable String last;
    private int seen = -1;
    private boolean held;

    CheckpointCalls(Checkpoints checkpoints, Work work) {
        this.checkpoints = checkpoints;
        this.connection = work.connection().id();
        this.key = work.checkpointKey();
    }

    synchronized byte[] get() {
        load();
        return String.valueOf(last).getBytes(StandardCharsets.UTF_8);
    }

    private void load() {
        var stored = checkpoints.load(connection, key);
        if (seen < 0) {
            first = stored.value();
        }
        last = stored.value();
        seen = stored.version();
        held |= last != null;
    }

    synchronized void save(byte[] body) {
        var value = checked(body);
        if (seen < 0) {
            load();
        }
        var text = Json.text(value);
        if (!checkpoints.save(connection, key, text, seen)) {
            throw conflict("save");
        }
        seen++;
        last = text;
        held = true;
    }

    /**
     * Clearing a missing checkpoint is allowed: the documented pattern of a full sync does so when there is only one
     * page.
     */
    synchronized void clear() {
        if (seen < 0) {
            load();
        }
        if (last != null) {
            if (!checkpoints.clear(connection, key, seen)) {
                throw conflict("clear");
            }
            seen++;
            last = null;
        }
    }

    private static HostError conflict(String what) {
        return HostError.of(
                "Failed to " + what
                        + " checkpoint: {\"error\":{\"code\":\"checkpoint_conflict\",\"message\":\"The checkpoint"
                        + " was changed by another run\"}}",
                Optional.of("checkpoint_conflict"));
    }

    /** The value of a checkpoint, if it is valid. */
    public static ObjectNode checked(byte[] json) {
        if (!(parsed(json) instanceof ObjectNode object)) {
            throw refused("a checkpoint is an object of texts, numbers and booleans");
        }
        if (object.size() > MOST_FIELDS) {
            throw refused("a checkpoint has at most " + MOST_FIELDS + " fields, this one has " + object.size());
        }
        object.properties().forEach(field -> check(field.getKey(), field.getValue()));
        return object;
    }

    private static JsonNode parsed(byte[] json) {
        try {
            return Json.parse(json);
        } catch (JacksonException e) {
            throw refused("it "
                    + Storable.faultOfNames(new String(json, StandardCharsets.UTF_8))
                            .orElse("cannot be read: " + e.getOriginalMessage()));
        }
    }

    private static void check(String key, JsonNode value) {
        var name = Storable.text(key);
        if (key.length() > LONGEST_NAME) {
            throw refused("the name of the field " + Storable.start(name, 40) + "… is longer than " + LONGEST_NAME);
        }
        if (!value.isString() && !value.isNumber() && !value.isBoolean()) {
            throw refused("the field " + name + " is neither text, number nor boolean");
        }
        if (value.isString() && value.stringValue().length() > LONGEST_TEXT) {
            throw refused("the text of the field " + name + " is longer than " + LONGEST_TEXT);
        }
        Storable.fault(key).ifPresent(why -> {
            throw refused("the name of the field " + name + " " + why);
        });
        (value.isString() ? Storable.fault(value.stringValue()) : fault(value)).ifPresent(why -> {
            throw refused("the field " + name + " " + why);
        });
    }

    private static Optional<String> fault(JsonNode value) {
        return value.isNumber() ? Storable.fault(value.decimalValue()) : Optional.empty();
    }

    private static HostError refused(String why) {
        return HostError.of("Failed to save checkpoint: " + why, Optional.of("invalid_checkpoint"));
    }

    /** Whether the run ever had a checkpoint. */
    synchronized boolean held() {
        return held;
    }

    /** {@code {from, to}}; empty when the run did not use its checkpoint. */
    synchronized Optional<ObjectNode> range() {
        if (seen < 0) {
            return Optional.empty();
        }
        var range = Json.object();
        range.set("from", first == null ? range.nullNode() : Json.parse(first));
        range.set("to", last == null ? range.nullNode() : Json.parse(last));
        return Optional.of(range);
    }
}
