package dev.millrace.cli;

import dev.millrace.server.db.embedded.EmbeddedPostgres;
import java.util.Optional;

/** Shows the steps of a first start. */
final class StartProgress implements EmbeddedPostgres.Progress {
    private Optional<Bar> bar = Optional.empty();
    private String finished = "";

    @Override
    public void at(String step, long done, long total) {
        if (step.equals(finished)) {
            return;
        }
        if (bar.isEmpty()) {
            bar = Optional.of(Bar.of(step, total));
        }
        bar.get().at(done);
        if (done >= total) {
            bar.get().close();
            bar = Optional.empty();
            finished = step;
        }
    }
}
