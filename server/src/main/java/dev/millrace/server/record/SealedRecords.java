package dev.millrace.server.record;

import dev.millrace.server.encryption.SealedColumn;
import java.util.List;

/** The encrypted columns of this package. */
public final class SealedRecords {
    /** Contents of records; pruned records have none. */
    public static final List<SealedColumn> SEALED = List.of(new SealedColumn(
            "record",
            "data",
            List.of(new SealedColumn.Part("dataset_id", "bigint"), new SealedColumn.Part("external_id", "text"))));

    private SealedRecords() {}
}
