package dev.millrace.server.testkit;

import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import java.util.List;
import java.util.function.BooleanSupplier;

/** An author that writes slice after slice and tells what became of each before it writes the next. */
public final class StoreWriter {
    /** Hears from all authors, each from a thread of its own. */
    public interface Report {
        void acknowledged(String author, int number);

        /** It may have been written all the same. */
        void failed(String author, int number, String why);
    }

    private final Records records;
    private final List<Dataset> datasets;
    private final long seed;
    private final Report report;

    StoreWriter(Records records, List<Dataset> datasets, long seed, Report report) {
        this.records = records;
        this.datasets = datasets;
        this.seed = seed;
        this.report = report;
    }

    /** Writes while it may and until a slice fails. */
    void write(String author, int first, BooleanSupplier goesOn) {
        for (int number = first; goesOn.getAsBoolean(); number++) {
            var slice = WrittenSlice.random(seed, author, number, datasets.size());
            try {
                slice.write(records, datasets);
            } catch (RuntimeException e) {
                report.failed(author, number, String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
                return;
            }
            report.acknowledged(author, number);
        }
    }
}
