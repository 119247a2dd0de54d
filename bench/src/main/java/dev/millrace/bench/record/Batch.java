package dev.millrace.bench.record;

import dev.millrace.bench.ManyRecords;
import dev.millrace.bench.Sample;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The records to write, created before the measurement.
 *
 * @param byWriter batches of each writer
 */
record Batch(List<List<List<byte[]>>> byWriter) {
    Batch {
        byWriter = List.copyOf(byWriter);
    }

    /** The order of ids. */
    enum Ids {
        /** {@code rec_00012345}: new ids are at the end of the index. */
        RISING {
            @Override
            String of(long number) {
                return ManyRecords.id(number);
            }
        },
        /** Random UUIDs: new ids are anywhere in the index. */
        RANDOM {
            @Override
            String of(long number) {
                return UUID.nameUUIDFromBytes(ManyRecords.id(number).getBytes(StandardCharsets.UTF_8))
                        .toString();
            }
        };

        abstract String of(long number);
    }

    /** The version of the records. */
    interface Version {
        int of(long number);

        /** The first version. */
        Version FIRST = _ -> 0;
        /** A tenth of the records has changed since, evenly distributed. */
        Version TENTH = number -> number % 10 == 3 ? 1 : 0;
        /** All records have changed since. */
        Version ALL = _ -> 2;
    }

    /**
     * The parameters of a batch.
     *
     * @param each number of records of a writer
     * @param first number of its first record
     */
    record Shape(Ids ids, int writers, int each, int slice, long first) {
        long total() {
            return (long) writers * each;
        }

        Shape from(long other) {
            return new Shape(ids, writers, each, slice, other);
        }
    }

    static Batch of(Shape shape, Version version) {
        var writers = new ArrayList<List<List<byte[]>>>();
        for (int writer = 0; writer < shape.writers; writer++) {
            var slices = new ArrayList<List<byte[]>>();
            for (int from = 0; from < shape.each; from += shape.slice) {
                var slice = new ArrayList<byte[]>(shape.slice);
                for (int i = from; i < Math.min(shape.each, from + shape.slice); i++) {
                    long number = shape.first + i;
                    slice.add(Sample.text(shape.ids.of(number), number, version.of(number)));
                }
                slices.add(slice);
            }
            writers.add(slices);
        }
        return new Batch(writers);
    }
}
