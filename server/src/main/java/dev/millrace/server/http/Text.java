package dev.millrace.server.http;

import java.util.Optional;
import java.util.regex.Pattern;

/** The rules for a text field: length limits and a pattern. */
public record Text(int min, int max, Optional<Pattern> pattern) {
    public static final Text ANY = new Text(0, Integer.MAX_VALUE, Optional.empty());
    public static final Text SHORT = between(1, 255);
    public static final Text INTEGRATION_ID = matching("^[a-zA-Z0-9~:.@ _-]+$");
    public static final Text CONNECTION_ID = matching("^[a-zA-Z0-9,.;:=+~\\[\\]|@${}\"'\\\\/_ -]+$");
    public static final Text PROVIDER = matching("^[a-zA-Z0-9_-]+$");
    public static final Text NAME = PROVIDER;
    public static final Text MODEL = matching("^[A-Z][a-zA-Z0-9_-]+$");

    public static Text between(int min, int max) {
        return new Text(min, max, Optional.empty());
    }

    /** At most 255 characters of the given pattern. */
    public static Text matching(String pattern) {
        return new Text(0, 255, Optional.of(Pattern.compile(pattern)));
    }

    /** The pattern in the notation of clients: between slashes. */
    String shown() {
        return pattern.map(p -> "/" + p.pattern() + "/").orElse("");
    }
}
