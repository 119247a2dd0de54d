package dev.millrace.cli.demo;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Prints the demo: numbered steps, their results, and the command line that does the same. */
final class Narrator {
    private final PrintWriter out;
    private final int steps;
    private int step;

    Narrator(PrintWriter out, int steps) {
        this.out = out;
        this.steps = steps;
    }

    void step(String title) {
        step++;
        out.println();
        say("[" + step + "/" + steps + "] " + title);
    }

    /** The number of the current step. */
    int number() {
        return step;
    }

    void did(String text) {
        say("      " + text);
    }

    void curl(String line) {
        say("      $ " + line);
    }

    void say(String line) {
        out.println(line);
        out.flush();
    }

    /** Prints rows under a header; all columns but the first are aligned right. */
    void table(List<String> header, List<List<String>> rows) {
        var all = new ArrayList<List<String>>();
        all.add(header);
        all.addAll(rows);
        var widths = new int[header.size()];
        for (var row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (int i = 0; i < all.size(); i++) {
            say("  " + line(all.get(i), widths));
            if (i == 0) {
                say("  " + "-".repeat(line(header, widths).length()));
            }
        }
    }

    private static String line(List<String> cells, int[] widths) {
        var line = new StringBuilder(String.format("%-" + widths[0] + "s", cells.getFirst()));
        for (int i = 1; i < widths.length; i++) {
            line.append("  ")
                    .append(" ".repeat(widths[i] - cells.get(i).length()))
                    .append(cells.get(i));
        }
        return line.toString();
    }
}
