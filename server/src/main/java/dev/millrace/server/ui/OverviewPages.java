package dev.millrace.server.ui;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.connection.BrokenConnections;
import dev.millrace.server.delivery.Undelivered;
import dev.millrace.server.function.Functions;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.log.Activity;
import dev.millrace.server.run.SilentRuns;
import dev.millrace.server.sync.FailingSyncs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** The overview: what needs a person, how the last day went, what runs now. */
public final class OverviewPages {
    private static final int MOST_RUNNING = 20;
    private static final int STEPS_OF_A_ROW = 8;
    private static final int LABELS = 4;

    private final Dashboard dashboard;
    private final Overview overview;
    private final Activity activity;
    private final Integrations integrations;
    private final Functions functions;

    public OverviewPages(
            Dashboard dashboard,
            Activity activity,
            FailingSyncs syncs,
            BrokenConnections connections,
            SilentRuns runs,
            Undelivered deliveries,
            Integrations integrations,
            Functions functions) {
        this.dashboard = dashboard;
        this.overview = new Overview(activity, syncs, connections, runs, deliveries);
        this.activity = activity;
        this.integrations = integrations;
        this.functions = functions;
        dashboard.countTroubles(
                (environment, now) -> overview.of(environment, now).troubles().size());
    }

    public List<Route> routes() {
        return List.of(dashboard.get("/overview", this::show), dashboard.live("/overview/live", this::live));
    }

    /** What runs now. */
    record Running(long count, List<Activity.Named> runs) {}

    /** What is there already; the first steps of an environment are shown until all are done. */
    record Begun(boolean integrations, boolean connections, boolean functions) {
        boolean isComplete() {
            return integrations && connections && functions;
        }
    }

    private Response show(Visit visit) {
        var state = overview.of(visit.environmentId(), visit.now());
        var names = integrations.list(visit.environmentId()).stream()
                .collect(Collectors.toMap(
                        Integration::uniqueKey,
                        integration -> integration.displayName().orElse(integration.uniqueKey())));
        var begun = new Begun(
                !names.isEmpty(),
                state.connections() > 0,
                !functions.active(visit.environmentId()).isEmpty());
        var running = running(visit);
        return visit.page("Overview", Section.OVERVIEW, (out, page) -> {
            var charts = List.of(operations(page, state), webhooks(page, state));
            JteoverviewGenerated.render(out, Html.NONE, page, state, begun, charts, running, names);
        });
    }

    private Running running(Visit visit) {
        return new Running(
                activity.runningCount(visit.environmentId()), activity.running(visit.environmentId(), MOST_RUNNING));
    }

    private Live.Source live(Visit visit) {
        return Live.changes(Map.of(
                "running",
                () -> new String(
                        Html.bytes(
                                visit.frame("", Section.OVERVIEW),
                                (out, page) -> JterunningGenerated.render(out, Html.NONE, page, running(visit))),
                        UTF_8)));
    }

    private static Chart operations(Page page, Overview.State state) {
        var done = new long[Overview.STEPS];
        var failed = new long[Overview.STEPS];
        state.operations().forEach(slot -> {
            done[slot.index()] = slot.done();
            failed[slot.index()] = slot.failed();
        });
        return chart("operations", "Operations", "succeeded", page, state.begin(), done, failed);
    }

    private static Chart webhooks(Page page, Overview.State state) {
        var done = new long[Overview.STEPS];
        var failed = new long[Overview.STEPS];
        state.webhooks().forEach(slot -> {
            done[slot.index()] = slot.done();
            failed[slot.index()] = slot.failed();
        });
        return chart("webhooks", "Webhooks to your app", "delivered", page, state.begin(), done, failed);
    }

    private static Chart chart(
            String id, String title, String above, Page page, Instant begin, long[] done, long[] failed) {
        IntFunction<Instant> at = step -> begin.plus(Overview.STEP.multipliedBy(step));
        var bars = new ArrayList<Chart.Bar>();
        var rows = new ArrayList<Chart.Bar>();
        for (int step = 0; step < Overview.STEPS; step++) {
            bars.add(new Chart.Bar(page.clock(at.apply(step)), done[step], failed[step]));
            if (step % STEPS_OF_A_ROW == 0) {
                rows.add(new Chart.Bar(page.clock(at.apply(step)), sum(done, step), sum(failed, step)));
            }
        }
        var axis = new ArrayList<String>();
        for (int label = 0; label < LABELS; label++) {
            axis.add(page.clock(begin.plus(Duration.ofHours(24L * label / LABELS))));
        }
        axis.add("now");
        return new Chart(id, title, above, "failed", bars, axis, text(above, bars), rows);
    }

    private static long sum(long[] values, int from) {
        long sum = 0;
        for (int i = from; i < from + STEPS_OF_A_ROW; i++) {
            sum += values[i];
        }
        return sum;
    }

    /** The point of the chart, for those who do not see it. */
    private static String text(String above, List<Chart.Bar> bars) {
        long done = bars.stream().mapToLong(Chart.Bar::done).sum();
        long failed = bars.stream().mapToLong(Chart.Bar::failed).sum();
        var worst = bars.stream().max((a, b) -> Long.compare(a.failed(), b.failed()));
        return "In the last 24 hours " + View.number(done) + ' ' + above + " and " + View.number(failed) + " failed"
                + worst.filter(bar -> bar.failed() > 0)
                        .map(bar -> ", most of them, " + View.number(bar.failed()) + ", in the half hour from "
                                + bar.label())
                        .orElse("")
                + '.';
    }
}
