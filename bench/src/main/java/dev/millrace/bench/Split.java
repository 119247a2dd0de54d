package dev.millrace.bench;

/**
 * A quantity by process group.
 *
 * @param server the server's Java process
 * @param postgres all processes of its PostgreSQL
 * @param workers the processes that run functions
 */
public record Split(double server, double postgres, double workers) {
    Split minus(Split before) {
        return new Split(server - before.server, postgres - before.postgres, workers - before.workers);
    }

    Split times(double factor) {
        return new Split(server * factor, postgres * factor, workers * factor);
    }

    public double sum() {
        return server + postgres + workers;
    }
}
