package dev.millrace.bench.record;

import dev.millrace.server.record.Dataset;
import dev.millrace.server.record.Records;
import dev.millrace.server.record.Writer;
import java.util.List;

/** Adds up the duration of saves without the time between them, in which records are created. Not thread-safe. */
final class SaveTimer {
    private long records;
    private long nanos;

    void save(Records to, Dataset dataset, List<byte[]> slice) {
        long began = System.nanoTime();
        to.save(dataset, Writer.of(1), slice);
        nanos += System.nanoTime() - began;
        records += slice.size();
    }

    /** Records a second. */
    double rate() {
        return records * 1e9 / nanos;
    }
}
