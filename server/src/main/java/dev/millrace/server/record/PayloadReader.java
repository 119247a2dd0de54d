package dev.millrace.server.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Storable;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Parses records of functions in one pass, without a tree. Reusable; not thread-safe. */
final class PayloadReader {
    private static final String METADATA = "_nango_metadata";
    private static final byte[] ID_FIRST = "{\"id\":\"".getBytes(ISO_8859_1);
    private static final int LONGEST_ID = 255;
    private static final int SHOWN = 40;
    private static final int LONGEST_PLAIN_NUMBER = 21;
    private static final Pattern WHOLE = Pattern.compile("-?[1-9][0-9]*");

    /** Removes what is not part of the contents; the text has been parsed once already. */
    private static final Canonical.Top CONTENTS = new Canonical.Top() {
        @Override
        public boolean takes(String name, JsonParser parser) {
            boolean taken = name.equals("id") || name.equals(METADATA);
            if (taken) {
                parser.nextToken();
                parser.skipChildren();
            }
            return taken;
        }

        @Override
        public void sees(String name, JsonParser parser) {}
    };

    private final Canonical canonical = new Canonical();
    private final Utf8 utf8 = new Utf8();
    private final ChangePaths insensitive;

    /** @param insensitive paths whose values do not count as a change */
    PayloadReader(ChangePaths insensitive) {
        this.insensitive = insensitive;
    }

    /** @param index the record's position in its batch, for messages */
    Payload read(int index, byte[] text) {
        var record = new Reading(index, trim(index, text));
        int fault = utf8.fault(record.text);
        if (fault >= 0) {
            throw record.refuse("is not valid UTF-8 at byte " + fault);
        }
        try (var parser = Json.MAPPER.createParser(record.text)) {
            parser.nextToken();
            var hash = canonical.hash(parser, record, null);
            if (parser.nextToken() != null) {
                throw record.refuse("is followed by something else");
            }
            return record.payload(insensitive.isEmpty() ? hash : Hashes.of(hash, counting(record.text)));
        } catch (JacksonException e) {
            throw record.refuse("is not valid JSON: " + e.getOriginalMessage());
        }
    }

    /** Reads only the id; null when the whole record has to be parsed for that. */
    @Nullable
    String peekId(byte[] text) {
        var plain = plainId(text);
        return plain == null ? readId(text) : plain;
    }

    /** Most texts begin with an id of plain ASCII; null when this one does not. */
    private static @Nullable String plainId(byte[] text) {
        int start = ID_FIRST.length;
        if (text.length < start || !Arrays.equals(text, 0, start, ID_FIRST, 0, start)) {
            return null;
        }
        int most = Math.min(text.length, start + LONGEST_ID + 1);
        for (int i = start; i < most; i++) {
            byte b = text[i];
            if (b == '"') {
                return i == start ? null : new String(text, start, i - start, ISO_8859_1);
            }
            if (b < ' ' || b == '\\') {
                return null;
            }
        }
        return null;
    }

    private static @Nullable String readId(byte[] text) {
        try (var parser = Json.MAPPER.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                if (parser.currentName().equals("id")) {
                    var record = new Reading(0, text);
                    record.readId(parser);
                    return record.id;
                }
                parser.nextToken();
                parser.skipChildren();
            }
            return null;
        } catch (JacksonException | RecordsRefused e) {
            return null;
        }
    }

    private byte[] counting(byte[] text) {
        try (var parser = Json.MAPPER.createParser(text)) {
            parser.nextToken();
            return canonical.hash(parser, CONTENTS, insensitive.root());
        }
    }

    private static byte[] trim(int index, byte[] text) {
        int start = 0;
        int end = text.length;
        while (start < end && isSpace(text[start])) {
            start++;
        }
        while (end > start && isSpace(text[end - 1])) {
            end--;
        }
        // Checked here because the parser would accept UTF-16 too, and the stored text must end with a brace.
        if (end - start < 2 || text[start] != '{' || text[end - 1] != '}') {
            throw new RecordsRefused("The record at index " + index + " is not an object.");
        }
        return start == 0 && end == text.length ? text : Arrays.copyOfRange(text, start, end);
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** The record that is being parsed. */
    private static final class Reading implements Canonical.Top {
        private final int index;
        private final byte[] text;
        private final List<Edit> edits = new ArrayList<>(2);
        private @Nullable String id;
        private @Nullable Long deletedAt;
        private boolean hadMetadata;

        Reading(int index, byte[] text) {
            this.index = index;
            this.text = text;
        }

        @Override
        public boolean takes(String name, JsonParser parser) {
            return switch (name) {
                case "id" -> {
                    readId(parser);
                    yield true;
                }
                case METADATA -> {
                    dropMetadata(parser);
                    yield true;
                }
                default -> false;
            };
        }

        @Override
        public void sees(String name, JsonParser parser) {
            if (name.equals("deletedAt")) {
                deletedAt = readDeletedAt(parser);
            }
        }

        private void readId(JsonParser parser) {
            if (id != null) {
                throw refuse("has the key \"id\" twice");
            }
            var type = parser.nextToken();
            int start = (int) parser.currentTokenLocation().getByteOffset();
            var raw = rawId(type, parser);
            var clean = raw.replace("\0", "");
            check(raw, clean);
            id = clean;
            if (type != JsonToken.VALUE_STRING || clean.length() != raw.length()) {
                edits.add(new Edit(start, end(parser), Json.quote(clean)));
            }
        }

        private String rawId(JsonToken type, JsonParser parser) {
            return switch (type) {
                case VALUE_STRING -> parser.getString();
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> numberId(parser.getString());
                case VALUE_NULL -> throw refuse("has no id: it is null");
                default -> throw refuse("has an id that is neither a string nor a number");
            };
        }

        /** A number in JavaScript's notation. */
        private String numberId(String digits) {
            if (WHOLE.matcher(digits).matches()) {
                return digits;
            }
            var number = decimal(digits);
            if (number.signum() == 0) {
                throw refuse("has the id 0, which is not accepted");
            }
            boolean plain = number.scale() <= 0 && number.precision() - (long) number.scale() <= LONGEST_PLAIN_NUMBER;
            return plain ? number.toPlainString() : digits;
        }

        private BigDecimal decimal(String digits) {
            try {
                return new BigDecimal(digits).stripTrailingZeros();
            } catch (NumberFormatException | ArithmeticException e) {
                throw refuse("has an id whose exponent is too large: " + start(digits));
            }
        }

        private void check(String raw, String clean) {
            if (clean.isEmpty()) {
                throw refuse("has an empty id");
            }
            if (raw.length() > LONGEST_ID) {
                throw refuse("has an id of " + raw.length() + " characters (" + start(raw) + "); at most " + LONGEST_ID
                        + " are accepted");
            }
            if (Storable.fault(clean).isPresent()) {
                throw refuse("has an id that is not valid Unicode");
            }
        }

        private static String start(String text) {
            return text.length() <= SHOWN ? text : text.substring(0, text.offsetByCodePoints(0, SHOWN)) + "…";
        }

        private void dropMetadata(JsonParser parser) {
            if (hadMetadata) {
                throw refuse("has the key \"" + METADATA + "\" twice");
            }
            hadMetadata = true;
            int start = (int) parser.currentTokenLocation().getByteOffset();
            parser.nextToken();
            parser.skipChildren();
            int end = end(parser);
            int next = skip(end, 1);
            if (text[next] == ',') {
                edits.add(new Edit(start, next + 1, ""));
            } else {
                int before = skip(start - 1, -1);
                edits.add(new Edit(text[before] == ',' ? before : start, end, ""));
            }
        }

        private int skip(int from, int step) {
            int at = from;
            while (isSpace(text[at])) {
                at += step;
            }
            return at;
        }

        private static int end(JsonParser parser) {
            parser.finishToken();
            return (int) parser.currentLocation().getByteOffset();
        }

        private @Nullable Long readDeletedAt(JsonParser parser) {
            try {
                return switch (parser.currentToken()) {
                    case VALUE_STRING -> Times.micros(parser.getString());
                    case VALUE_NUMBER_INT -> Times.micros(Instant.ofEpochMilli(parser.getLongValue()));
                    default -> null;
                };
            } catch (DateTimeException | ArithmeticException | JacksonException e) {
                return null;
            }
        }

        Payload payload(byte[] hash) {
            if (id == null) {
                throw refuse("has no id");
            }
            return new Payload(id, edits.isEmpty() ? text : Edit.apply(text, edits), hash, deletedAt);
        }

        RecordsRefused refuse(String why) {
            var which = id == null ? "The record at index " + index : "The record '" + id + "' at index " + index;
            return new RecordsRefused(which + " " + why + ".");
        }
    }
}
