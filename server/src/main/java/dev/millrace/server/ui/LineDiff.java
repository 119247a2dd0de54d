package dev.millrace.server.ui;

import java.util.ArrayList;
import java.util.List;

/** The difference between two texts, line by line, with some unchanged lines around each change. */
final class LineDiff {
    private static final int AROUND = 3;
    private static final int MOST_CELLS = 4_000_000;

    private LineDiff() {}

    enum Kind {
        SAME,
        ADDED,
        REMOVED,
        SKIPPED
    }

    record Line(Kind kind, String text) {}

    static List<Line> of(String before, String after) {
        var old = before.isEmpty() ? List.<String>of() : before.lines().toList();
        var now = after.isEmpty() ? List.<String>of() : after.lines().toList();
        int head = 0;
        while (head < old.size() && head < now.size() && old.get(head).equals(now.get(head))) {
            head++;
        }
        int tail = 0;
        while (tail < old.size() - head
                && tail < now.size() - head
                && old.get(old.size() - 1 - tail).equals(now.get(now.size() - 1 - tail))) {
            tail++;
        }
        var lines = new ArrayList<Line>();
        old.subList(0, head).forEach(text -> lines.add(new Line(Kind.SAME, text)));
        between(old.subList(head, old.size() - tail), now.subList(head, now.size() - tail), lines);
        old.subList(old.size() - tail, old.size()).forEach(text -> lines.add(new Line(Kind.SAME, text)));
        return shortened(lines);
    }

    /** By the longest common subsequence; for very long texts, all old lines and then all new ones. */
    private static void between(List<String> old, List<String> now, List<Line> lines) {
        if ((long) old.size() * now.size() > MOST_CELLS) {
            old.forEach(text -> lines.add(new Line(Kind.REMOVED, text)));
            now.forEach(text -> lines.add(new Line(Kind.ADDED, text)));
            return;
        }
        var common = new int[old.size() + 1][now.size() + 1];
        for (int i = old.size() - 1; i >= 0; i--) {
            for (int j = now.size() - 1; j >= 0; j--) {
                common[i][j] = old.get(i).equals(now.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        int i = 0;
        int j = 0;
        while (i < old.size() || j < now.size()) {
            if (i < old.size() && j < now.size() && old.get(i).equals(now.get(j))) {
                lines.add(new Line(Kind.SAME, old.get(i)));
                i++;
                j++;
            } else if (j == now.size() || (i < old.size() && common[i + 1][j] >= common[i][j + 1])) {
                lines.add(new Line(Kind.REMOVED, old.get(i++)));
            } else {
                lines.add(new Line(Kind.ADDED, now.get(j++)));
            }
        }
    }

    private static List<Line> shortened(List<Line> lines) {
        var kept = new ArrayList<Line>();
        int skipped = 0;
        for (int at = 0; at < lines.size(); at++) {
            if (isNearChange(lines, at)) {
                skip(kept, skipped);
                skipped = 0;
                kept.add(lines.get(at));
            } else {
                skipped++;
            }
        }
        skip(kept, skipped);
        return kept;
    }

    private static boolean isNearChange(List<Line> lines, int at) {
        for (int i = Math.max(0, at - AROUND); i <= Math.min(lines.size() - 1, at + AROUND); i++) {
            if (lines.get(i).kind() != Kind.SAME) {
                return true;
            }
        }
        return false;
    }

    private static void skip(List<Line> kept, int count) {
        if (count > 0) {
            kept.add(new Line(Kind.SKIPPED, View.count(count, "unchanged line", "unchanged lines")));
        }
    }
}
