package dev.millrace.server.record;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** One dataset that streams wait for. */
final class Watch {
    /**
     * What is known of it.
     *
     * @param tick grows whenever there may be something new, through all watches of a process
     * @param head what could be read at that tick at least; {@link Head#NONE} until it was looked at
     */
    record Seen(long tick, Head head) {}

    private final Dataset dataset;
    private final Set<Semaphore> bells = ConcurrentHashMap.newKeySet();
    private volatile Seen seen;
    private volatile boolean looked;
    private volatile boolean stirred;

    Watch(Dataset dataset, long tick) {
        this.dataset = dataset;
        this.seen = new Seen(tick, Head.NONE);
    }

    Dataset dataset() {
        return dataset;
    }

    Seen seen() {
        return seen;
    }

    void add(Semaphore bell) {
        bells.add(bell);
    }

    /** Whether it was the last one. */
    boolean remove(Semaphore bell) {
        bells.remove(bell);
        return bells.isEmpty();
    }

    /** It was changed in this process. */
    void stir() {
        stirred = true;
    }

    /** Whether it was since this was last asked. */
    boolean wasStirred() {
        boolean was = stirred;
        stirred = false;
        return was;
    }

    /** Takes what the database says; wakes the streams if they may find something. */
    void observe(Head head, long nextTick) {
        var before = seen;
        // At the first look the streams may have read before or after the change that is seen now.
        boolean news = !looked || head.showsOtherThan(before.head);
        looked = true;
        seen = new Seen(news ? nextTick : before.tick, head);
        if (news) {
            bells.forEach(Semaphore::release);
        }
    }
}
