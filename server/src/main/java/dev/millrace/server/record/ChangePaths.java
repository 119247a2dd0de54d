package dev.millrace.server.record;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Paths within records whose values are stored but do not count as a change: {@code fetchedAt}, {@code meta.etag},
 * {@code items[*].seenAt}, {@code ["odd name"]}; a leading {@code $.} is allowed. Immutable.
 */
public final class ChangePaths {
    /** No paths: every value counts. */
    public static final ChangePaths NONE = new ChangePaths(new Node());

    private static final Pattern STEP =
            Pattern.compile("\\.?([^.\\[\\]\"']+)|\\[(\\*)]|\\[\"([^\"]*)\"]|\\['([^']*)']");
    private static final int LONGEST = 1_000;

    /** A node on the way to ignored values: the whole value is ignored, or parts of it. */
    static final class Node {
        private final Map<String, Node> members = new HashMap<>();
        private @Nullable Node items;
        private boolean whole;

        boolean ignored() {
            return whole;
        }

        @Nullable
        Node member(String name) {
            return members.get(name);
        }

        @Nullable
        Node items() {
            return items;
        }
    }

    private final Node root;

    private ChangePaths(Node root) {
        this.root = root;
    }

    /**
     * Parses paths. An invalid one, or one that names the id, is an {@link IllegalArgumentException} with a message.
     */
    public static ChangePaths of(List<String> paths) {
        var root = new Node();
        paths.forEach(path -> add(root, path));
        return paths.isEmpty() ? NONE : new ChangePaths(root);
    }

    private static void add(Node root, String path) {
        if (path.length() > LONGEST) {
            throw wrong(path.substring(0, 40) + "…", "is longer than " + LONGEST + " characters");
        }
        var text = path.startsWith("$") ? path.substring(1) : path;
        var step = STEP.matcher(text);
        var node = root;
        int end = 0;
        while (end < text.length() && step.find(end) && step.start() == end) {
            node = next(node, step.group(1), step.group(2) != null, step.group(3), step.group(4));
            end = step.end();
        }
        if (end < text.length() || node == root || (text.startsWith(".") && !path.startsWith("$"))) {
            throw wrong(path, "cannot be read; write for example fetchedAt, meta.etag or items[*].seenAt");
        }
        if (root.members.containsKey("id") || root.items != null) {
            throw wrong(path, "names the id or an element of the record itself, which always count");
        }
        node.whole = true;
    }

    private static Node next(
            Node node, @Nullable String plain, boolean items, @Nullable String quoted, @Nullable String single) {
        if (items) {
            var known = node.items == null ? new Node() : node.items;
            node.items = known;
            return known;
        }
        var name = plain != null ? plain : quoted != null ? quoted : String.valueOf(single);
        return node.members.computeIfAbsent(name, _ -> new Node());
    }

    private static IllegalArgumentException wrong(String path, String why) {
        return new IllegalArgumentException("The path \"" + path + "\" " + why + ".");
    }

    boolean isEmpty() {
        return root.members.isEmpty();
    }

    Node root() {
        return root;
    }
}
