package dev.millrace.server.run;

import dev.millrace.server.cluster.RunLease;
import dev.millrace.server.log.Logs;

/** A run that has begun, with its log and its host. */
record ActiveRun(
        RunLease lease,
        Work work,
        Logs.Log log,
        Validation validation,
        MetadataPin pin,
        RecordCalls records,
        CheckpointCalls checkpoint,
        Host host) {}
