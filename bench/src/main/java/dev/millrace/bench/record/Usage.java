package dev.millrace.bench.record;

/**
 * Usage at one moment, or its increase between two moments.
 *
 * @param jvm CPU seconds of this process
 * @param postgres CPU seconds of all processes of PostgreSQL
 * @param wal bytes
 * @param images full pages in the WAL: each page's first change after a checkpoint
 * @param table bytes of tables
 * @param indexes bytes of indexes
 * @param replaced row versions that were replaced or deleted, cleaned up since or not
 * @param hot those of them whose replacement needed no new index entry
 */
record Usage(double jvm, double postgres, long wal, long images, long table, long indexes, long replaced, long hot) {
    Usage minus(Usage before) {
        return new Usage(
                jvm - before.jvm,
                postgres - before.postgres,
                wal - before.wal,
                images - before.images,
                table - before.table,
                indexes - before.indexes,
                replaced - before.replaced,
                hot - before.hot);
    }
}
