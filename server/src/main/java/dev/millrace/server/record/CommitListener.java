package dev.millrace.server.record;

/** Is told of commits of this process. It runs on the writer's thread: it must be quick and must not throw. */
public interface CommitListener {
    /** @param at the time of the change in the dataset's own order */
    void committed(Dataset dataset, long at);
}
