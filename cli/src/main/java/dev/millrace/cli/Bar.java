package dev.millrace.cli;

import java.io.Console;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on a terminal, plain lines elsewhere. */
public interface Bar extends AutoCloseable {
    void at(long done);

    @Override
    void close();

    static Bar of(String task, long total) {
        return isTerminal() ? new Drawn(task, total) : new Lines(task, total);
    }

    /** Whether somebody sees the output as it comes, and may answer. */
    static boolean isTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    /** Updates in place. */
    final class Drawn implements Bar {
        private final ProgressBar bar;

        Drawn(String task, long total) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(100)
                    .hideEta()
                    .build();
        }

        @Override
        public void at(long done) {
            bar.stepTo(done);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** One line at the start, one at each quarter. */
    final class Lines implements Bar {
        private static final int QUARTERS = 4;

        private final String task;
        private final long total;
        private long told;

        Lines(String task, long total) {
            this.task = task;
            this.total = Math.max(1, total);
            System.err.println(task + " ...");
        }

        @Override
        public void at(long done) {
            long quarter = Math.min(done, total) * QUARTERS / total;
            if (quarter > told) {
                told = quarter;
                System.err.println(task + " " + quarter * 100 / QUARTERS + " %");
            }
        }

        @Override
        public void close() {
            System.err.flush();
        }
    }
}
