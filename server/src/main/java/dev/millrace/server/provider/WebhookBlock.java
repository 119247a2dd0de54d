package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A map in a {@code webhook} block while it is read. Keys that the reader does not ask for are reported as faults. */
final class WebhookBlock {
    private final String at;
    private final JsonNode node;
    private final List<String> faults;
    private final Set<String> asked = new LinkedHashSet<>();

    /** @param at path of the map in the definition, for messages */
    WebhookBlock(String at, JsonNode node, List<String> faults) {
        this.at = at;
        this.node = node;
        this.faults = faults;
        if (!node.isObject()) {
            faults.add(at + ": must be a map");
        }
    }

    boolean has(String key) {
        asked.add(key);
        return node.has(key);
    }

    JsonNode any(String key) {
        asked.add(key);
        return node.isObject() ? node.path(key) : JsonNodeFactory.instance.missingNode();
    }

    void fault(String key, String what) {
        faults.add(at + '.' + key + ": " + what);
    }

    Optional<String> text(String key) {
        var value = any(key);
        if (value.isMissingNode() || value.isString()) {
            return value.stringValueOpt();
        }
        fault(key, "must be a text");
        return Optional.empty();
    }

    boolean flag(String key) {
        var value = any(key);
        if (!value.isMissingNode() && !value.isBoolean()) {
            fault(key, "must be true or false");
        }
        return value.asBoolean(false);
    }

    long number(String key, long otherwise, long least, long most) {
        var value = any(key);
        if (value.isMissingNode()) {
            return otherwise;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < least
                || value.longValue() > most) {
            fault(key, "must be a whole number from " + least + " to " + most);
            return otherwise;
        }
        return value.longValue();
    }

    <E extends Enum<E>> E choice(String key, E otherwise, List<E> choices) {
        var given = text(key);
        if (given.isEmpty()) {
            return otherwise;
        }
        for (var choice : choices) {
            if (written(choice).equals(given.get())) {
                return choice;
            }
        }
        fault(
                key,
                "'" + given.get() + "' is none of "
                        + choices.stream().map(WebhookBlock::written).toList());
        return otherwise;
    }

    static String written(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    /** A text or a list of texts. */
    List<String> texts(String key) {
        var value = any(key);
        var items = value.isArray()
                ? value.valueStream().toList()
                : value.isMissingNode() ? List.<JsonNode>of() : List.of(value);
        if (items.stream().anyMatch(item -> !item.isString())) {
            fault(key, "must be a text or a list of texts");
        }
        return items.stream().flatMap(item -> item.stringValueOpt().stream()).toList();
    }

    /** One value or several. The first that is present is used. */
    List<WebhookValue> values(String key, Set<WebhookValue.Place> places) {
        return texts(key).stream()
                .flatMap(text -> checked(key, text, WebhookValue.parse(text), places).stream())
                .toList();
    }

    Optional<WebhookValue> value(String key, Set<WebhookValue.Place> places) {
        return text(key).flatMap(text -> checked(key, text, WebhookValue.parse(text), places));
    }

    /** Texts that may contain values of the call. */
    List<WebhookValue> templates(String key, Set<WebhookValue.Place> places) {
        return texts(key).stream()
                .flatMap(text -> checked(key, text, WebhookValue.template(text), places).stream())
                .toList();
    }

    Optional<WebhookValue> checked(
            String key, String text, Optional<WebhookValue> value, Set<WebhookValue.Place> places) {
        if (value.isEmpty() || !places.containsAll(value.get().places())) {
            fault(
                    key,
                    "'" + text + "' is not a value of a webhook; values begin with "
                            + String.join(
                                    ", ",
                                    places.stream()
                                            .map(WebhookBlock::written)
                                            .sorted()
                                            .toList())
                            + ", as in " + example(places));
            return Optional.empty();
        }
        return value;
    }

    private static String example(Set<WebhookValue.Place> places) {
        return places.contains(WebhookValue.Place.EVENT) ? "event.type" : "header.x-signature or ${body}";
    }

    /** Returns the map under the key. The caller must call {@link #end}, unless any key is allowed in the map. */
    WebhookBlock child(String key) {
        return new WebhookBlock(at + '.' + key, any(key), faults);
    }

    /** Reads each map under the key, which is a map or a list of maps. */
    <T> List<T> each(String key, Function<WebhookBlock, T> read) {
        var value = any(key);
        if (value.isMissingNode()) {
            return List.of();
        }
        var items = new ArrayList<T>();
        boolean list = value.isArray();
        var nodes = list ? value.valueStream().toList() : Stream.of(value).toList();
        for (int i = 0; i < nodes.size(); i++) {
            var place = at + '.' + key + (list ? "." + i : "");
            var block = new WebhookBlock(place, nodes.get(i), faults);
            items.add(read.apply(block));
            block.end();
        }
        return items;
    }

    /** Reports the keys that were not read. */
    void end() {
        for (var key : node.propertyNames()) {
            if (!asked.contains(key)) {
                fault(
                        key,
                        KeyHints.nearest(key, asked)
                                .map(meant -> "is unknown; did you mean '" + meant + "'?")
                                .orElseGet(() -> "is unknown; known here are " + String.join(", ", asked)));
            }
        }
    }
}
