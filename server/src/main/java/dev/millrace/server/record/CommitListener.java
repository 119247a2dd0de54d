package dev.millrace.server.record;

/** Receives commits of this process. Called on the writer's thread: it must be quick and must not throw. */
public interface CommitListener {
    /** @param at time of the change, in the order of the dataset */
    void committed(Dataset dataset, long at);
}
