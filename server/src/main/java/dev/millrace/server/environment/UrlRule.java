package dev.millrace.server.environment;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Text;
import java.util.Optional;

/** The rule for URLs that the server may call. */
@FunctionalInterface
public interface UrlRule {
    /** Accepts any URL: for values that are stored already. */
    UrlRule NONE = _ -> Optional.empty();

    int LONGEST = 2048;

    /** The reason to refuse a URL; empty when it is accepted. */
    Optional<String> refusal(String url);

    /** The URL in a field: null and an empty text remove it, a missing field leaves it unchanged. */
    default Optional<String> read(Fields fields, String name, Optional<String> before) {
        var value = fields.any(name);
        if (value.isEmpty()) {
            return before;
        }
        if (value.get().isNull()) {
            return Optional.empty();
        }
        if (!value.get().isString()) {
            fields.issue("invalid_type", "Invalid input: expected a URL as a string, or null", name);
            return before;
        }
        var url = value.get().stringValue();
        if (url.isEmpty()) {
            return Optional.empty();
        }
        check(fields, name, url);
        return Optional.of(url);
    }

    /** The URL in a field, if it is present; an empty text counts as none. */
    default Optional<String> optional(Fields fields, String name) {
        var url = fields.optionalText(name, Text.between(0, LONGEST));
        url.filter(text -> !text.isEmpty() && text.length() <= LONGEST).ifPresent(text -> check(fields, name, text));
        return url;
    }

    private void check(Fields fields, String name, String url) {
        var refusal = url.length() > LONGEST
                ? Optional.of("Too big: expected string to have <=" + LONGEST + " characters")
                : refusal(url);
        refusal.ifPresent(why -> fields.issue("invalid_format", why, name));
    }
}
