package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A text with {@code ${...}} placeholders, parsed once and filled in for each request. Immutable. */
public final class Template {
    private final String source;
    private final List<Piece> pieces;
    private final @Nullable Template otherwise;

    private Template(String source, List<Piece> pieces, @Nullable Template otherwise) {
        this.source = source;
        this.pieces = List.copyOf(pieces);
        this.otherwise = otherwise;
    }

    /** A template in which {@code a || b} is a fallback. */
    public static Template of(String source) {
        int bars = source.indexOf("||");
        if (bars < 0) {
            return plain(source);
        }
        var left = source.substring(0, bars).strip();
        var right = source.substring(bars + 2).strip();
        return new Template(left, parse(left), plain(right));
    }

    /** A template in which {@code ||} is ordinary text. */
    public static Template plain(String source) {
        return new Template(source, parse(source), null);
    }

    private sealed interface Piece {}

    private record Literal(String text) implements Piece {}

    private record Variable(String source, String path) implements Piece {}

    private record Now(NowFormat format) implements Piece {}

    private record Random() implements Piece {}

    private record Call(String source, Function function, Template arguments) implements Piece {}

    /** Computes a value from its arguments; null when they are invalid. */
    interface Function {
        @Nullable
        String apply(String arguments, Names names);
    }

    private static List<Piece> parse(String source) {
        var pieces = new ArrayList<Piece>();
        int from = 0;
        while (from < source.length()) {
            int open = source.indexOf("${", from);
            int end = open < 0 ? -1 : end(source, open);
            if (end < 0) {
                pieces.add(new Literal(source.substring(from)));
                break;
            }
            if (open > from) {
                pieces.add(new Literal(source.substring(from, open)));
            }
            pieces.add(placeholder(source.substring(open, end)));
            from = end;
        }
        return pieces;
    }

    /** The end of the placeholder that begins here; a function ends at the first {@code )}}. */
    private static int end(String source, int open) {
        int brace = source.indexOf('}', open);
        int bracket = source.indexOf('(', open);
        if (bracket > 0 && bracket < brace && Functions.named(source.substring(open + 2, bracket)) != null) {
            int close = source.indexOf(")}", bracket);
            return close < 0 ? -1 : close + 2;
        }
        return brace < 0 ? -1 : brace + 1;
    }

    private static Piece placeholder(String whole) {
        var inner = whole.substring(2, whole.length() - 1);
        if (inner.equals("random")) {
            return new Random();
        }
        var format = NowFormat.parse(inner);
        if (format.isPresent()) {
            return new Now(format.get());
        }
        int bracket = inner.indexOf('(');
        var function = bracket < 0 ? null : Functions.named(inner.substring(0, bracket));
        if (function != null) {
            return new Call(whole, function, plain(inner.substring(bracket + 1, inner.length() - 1)));
        }
        return new Variable(whole, inner);
    }

    /** The text with all placeholders filled in; empty when one of them has no value. */
    public Optional<String> resolve(Names names, Moment moment) {
        var filled = fill(names, moment, false);
        if (otherwise != null && (filled == null || filled.isEmpty() || filled.equals(source))) {
            return otherwise.resolve(names, moment);
        }
        return Optional.ofNullable(filled);
    }

    /** The text with those placeholders filled in that have a value; the others stay unchanged. */
    public String render(Names names, Moment moment) {
        var filled = fill(names, moment, true);
        if (otherwise != null && (filled == null || filled.isEmpty() || filled.equals(source))) {
            return otherwise.render(names, moment);
        }
        return filled == null ? source : filled;
    }

    private @Nullable String fill(Names names, Moment moment, boolean keep) {
        if (pieces.size() == 1 && pieces.getFirst() instanceof Literal(var text)) {
            return text;
        }
        var out = new StringBuilder();
        for (var piece : pieces) {
            var value = value(piece, names, moment);
            if (value == null && !keep) {
                return null;
            }
            out.append(value == null ? source(piece) : value);
        }
        return out.toString();
    }

    private static @Nullable String value(Piece piece, Names names, Moment moment) {
        return switch (piece) {
            case Literal literal -> literal.text();
            case Variable variable -> names.value(variable.path());
            case Now now -> now.format().show(moment.now());
            case Random _ -> moment.random();
            case Call call ->
                call.arguments()
                        .resolve(names, moment)
                        .map(arguments -> call.function().apply(arguments, names))
                        .orElse(null);
        };
    }

    private static String source(Piece piece) {
        return switch (piece) {
            case Literal literal -> literal.text();
            case Variable variable -> variable.source();
            case Call call -> call.source();
            case Now _, Random _ -> throw new IllegalStateException("always has a value");
        };
    }

    /** The two sides of a fallback, or this template alone. */
    public List<Template> sides() {
        return otherwise == null ? List.of(this) : List.of(new Template(source, pieces, null), otherwise);
    }

    /** The first required variable, in reading order. */
    public Optional<String> firstVariable(Predicate<String> wanted) {
        return variables().stream().filter(wanted).findFirst();
    }

    /** The paths of all variables, including those in function arguments and in the fallback. */
    public List<String> variables() {
        var found = new ArrayList<String>();
        for (var piece : pieces) {
            switch (piece) {
                case Variable variable -> found.add(variable.path());
                case Call call -> found.addAll(call.arguments().variables());
                case Literal _, Now _, Random _ -> {}
            }
        }
        if (otherwise != null) {
            found.addAll(otherwise.variables());
        }
        return found;
    }

    /** Whether there are no placeholders. */
    public boolean constant() {
        return otherwise == null && pieces.stream().allMatch(Literal.class::isInstance);
    }

    /** The original text. */
    @Override
    public String toString() {
        return otherwise == null ? source : source + " || " + otherwise;
    }
}
