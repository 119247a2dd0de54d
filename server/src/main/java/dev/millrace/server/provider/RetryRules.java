package dev.millrace.server.provider;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * When a call is retried, and after what delay.
 *
 * @param at headers with the time from which calls are accepted again
 * @param after headers with the seconds to wait
 * @param remaining a header whose value 0 makes any failed response retryable
 * @param statuses replace the default retryable statuses; empty: the default ones
 */
public record RetryRules(
        List<String> at,
        List<String> after,
        Optional<String> remaining,
        List<Range> statuses,
        Optional<InBody> inBody) {
    public static final RetryRules NONE =
            new RetryRules(List.of(), List.of(), Optional.empty(), List.of(), Optional.empty());

    public RetryRules {
        at = List.copyOf(at);
        after = List.copyOf(after);
        statuses = List.copyOf(statuses);
    }

    /** These rules, completed by the others; the three sources of a delay count as one. */
    public RetryRules over(RetryRules others) {
        boolean silent = at.isEmpty() && after.isEmpty();
        return new RetryRules(
                silent ? others.at : at,
                silent ? others.after : after,
                remaining.or(others::remaining),
                statuses.isEmpty() ? others.statuses : statuses,
                inBody.or(others::inBody));
    }

    /** A range of statuses, both ends included. */
    public record Range(int from, int to) {
        private static final Pattern FORM = Pattern.compile("(\\d)(\\d\\d|xx)|(\\d{3})-(\\d{3})");

        static Optional<Range> parse(String text) {
            var found = FORM.matcher(text);
            if (!found.matches()) {
                return Optional.empty();
            }
            if (found.group(3) != null) {
                return Optional.of(new Range(Integer.parseInt(found.group(3)), Integer.parseInt(found.group(4))));
            }
            if (found.group(2).equals("xx")) {
                int hundreds = Integer.parseInt(found.group(1)) * 100;
                return Optional.of(new Range(hundreds, hundreds + 99));
            }
            int status = Integer.parseInt(text);
            return Optional.of(new Range(status, status));
        }

        public boolean holds(int status) {
            return from <= status && status <= to;
        }
    }

    /** A delay in a JSON response: the first group of a pattern, applied to the text at a path. */
    public record InBody(String path, boolean at, Pattern value) {}

    /** Reads rules of definitions and of functions' calls; invalid parts count as missing. */
    public static RetryRules of(JsonNode node) {
        var statuses = texts(node.path("error_code")).stream()
                .map(Range::parse)
                .flatMap(Optional::stream)
                .toList();
        var remaining = node.path("remaining").stringValueOpt().filter(name -> !name.isEmpty());
        return new RetryRules(
                texts(node.path("at")), texts(node.path("after")), remaining, statuses, inBody(node.path("in_body")));
    }

    private static Optional<InBody> inBody(JsonNode node) {
        var path = node.path("path").stringValueOpt();
        var value = node.path("value").stringValueOpt();
        if (path.isEmpty() || value.isEmpty()) {
            return Optional.empty();
        }
        var at = node.path("strategy").asString("after").equals("at");
        return Optional.of(new InBody(path.get(), at, EcmaPattern.compile(unslashed(value.get()))));
    }

    /** Some definitions write the expression between slashes. */
    static String unslashed(String expression) {
        boolean slashed = expression.length() > 1 && expression.startsWith("/") && expression.endsWith("/");
        return slashed ? expression.substring(1, expression.length() - 1) : expression;
    }

    private static List<String> texts(JsonNode node) {
        if (node.isArray()) {
            return node.valueStream().map(item -> item.asString("")).toList();
        }
        return node.isMissingNode() || node.isNull() ? List.of() : List.of(node.asString(""));
    }
}
