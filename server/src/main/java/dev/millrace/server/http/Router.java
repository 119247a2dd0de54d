package dev.millrace.server.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a request. Case and a trailing slash are ignored. Fixed segments take precedence over variables.
 * HEAD is accepted wherever GET is. Immutable once built.
 */
final class Router {
    private final Node root = new Node();

    Router(List<Route> routes) {
        routes.forEach(this::add);
    }

    /** A route and the decoded values of its pattern's variables. */
    record Match(Route route, Map<String, String> variables) {}

    private void add(Route route) {
        var node = root;
        for (var segment : segments(route.pattern())) {
            node = segment.startsWith("{") ? node.variable() : node.fixed(segment.toLowerCase(Locale.ROOT));
            if (segment.endsWith("...}")) {
                node.takesRest = true;
            }
        }
        if (node.routes.putIfAbsent(route.method(), route) != null) {
            throw new IllegalStateException("two routes for " + route.method() + " " + route.pattern());
        }
    }

    Optional<Match> find(String method, String rawPath) {
        var values = new ArrayList<String>();
        var route = find(
                root,
                method.equals("HEAD") ? List.of("HEAD", "GET", "*") : List.of(method, "*"),
                segments(rawPath),
                0,
                values);
        return route == null ? Optional.empty() : Optional.of(new Match(route, name(route, values)));
    }

    private static @Nullable Route find(
            Node node, List<String> methods, List<String> path, int at, List<String> values) {
        if (at == path.size()) {
            return node.route(methods);
        }
        var fixed = node.children.get(path.get(at).toLowerCase(Locale.ROOT));
        if (fixed != null) {
            var route = find(fixed, methods, path, at + 1, values);
            if (route != null) {
                return route;
            }
        }
        var variable = node.variable;
        if (variable == null) {
            return null;
        }
        if (variable.takesRest) {
            values.add(String.join("/", path.subList(at, path.size())));
            return variable.route(methods);
        }
        int mark = values.size();
        values.add(decode(path.get(at)));
        var route = find(variable, methods, path, at + 1, values);
        if (route == null) {
            values.subList(mark, values.size()).clear();
        }
        return route;
    }

    private static Map<String, String> name(Route route, List<String> values) {
        var named = new HashMap<String, String>();
        int next = 0;
        for (var segment : segments(route.pattern())) {
            if (segment.startsWith("{")) {
                named.put(segment.substring(1, segment.length() - 1).replace("...", ""), values.get(next++));
            }
        }
        return named;
    }

    private static List<String> segments(String path) {
        var segments = new ArrayList<String>();
        int from = 1;
        while (from < path.length()) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 ? path.length() : slash;
            segments.add(path.substring(from, to));
            from = to + 1;
        }
        return segments;
    }

    private static String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        try {
            // In a path, "+" is not a space.
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment;
        }
    }

    private static final class Node {
        final Map<String, Node> children = new HashMap<>();
        final Map<String, Route> routes = new HashMap<>();

        @Nullable
        Node variable;

        boolean takesRest;

        Node fixed(String segment) {
            return children.computeIfAbsent(segment, _ -> new Node());
        }

        Node variable() {
            var known = variable;
            if (known == null) {
                known = new Node();
                variable = known;
            }
            return known;
        }

        @Nullable
        Route route(List<String> methods) {
            for (var method : methods) {
                var route = routes.get(method);
                if (route != null) {
                    return route;
                }
            }
            return null;
        }
    }
}
