package dev.millrace.server.environment;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Text;
import java.util.Optional;

/** What an address that the server is to call has to be like. */
@FunctionalInterface
public interface UrlRule {
    /** Any address passes: for what is stored already. */
    UrlRule NONE = _ -> Optional.empty();

    int LONGEST = 2048;

    /** Why an address is refused; empty when it is not. */
    Optional<String> refusal(String url);

    /** The address in a field: null and an empty text clear it, an absent field leaves it as it was. */
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

    /** The address in a field, if it is there; an empty text stands for none. */
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
