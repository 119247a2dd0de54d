package dev.millrace.server.run;

import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.log.Logs;
import java.time.Instant;

/** A run that has begun, with its log and its host. */
record ActiveRun(
        RunLease lease,
        Work work,
        Logs.Log log,
        Instant startedAt,
        Validation validation,
        MetadataPin pin,
        RecordCalls records,
        CheckpointCalls checkpoint,
        Host host) {}
