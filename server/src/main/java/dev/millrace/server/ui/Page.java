package dev.millrace.server.ui;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What every template knows of the page that it is part of: its frame, and how to write links and times.
 *
 * @param environment its name; empty on pages outside of environments
 * @param environments the names of all environments
 * @param csrf proves in a form that it came from a page of this session
 * @param address path and query of this page
 * @param theme light, dark, or empty for what the system says
 * @param servers how many there are in the cluster
 * @param attention how many things need a person
 */
record Page(
        String title,
        Optional<Section> section,
        String environment,
        List<String> environments,
        List<Section> sections,
        String csrf,
        String address,
        String theme,
        Assets assets,
        String version,
        int servers,
        int attention,
        Instant now,
        ZoneId zone) {
    private static final DateTimeFormatter MINUTES = pattern("HH:mm");
    private static final DateTimeFormatter SECONDS = pattern("HH:mm:ss");
    private static final DateTimeFormatter MILLIS = pattern("HH:mm:ss.SSS");
    private static final DateTimeFormatter DAY_OF_WEEK = pattern("EEE ");
    private static final DateTimeFormatter DAY = pattern("d MMM, ");
    private static final DateTimeFormatter DAY_AND_YEAR = pattern("d MMM uuuu");
    private static final DateTimeFormatter EXACT = pattern("d MMMM uuuu, HH:mm:ss.SSS");
    private static final int WEEK = 6;

    private static DateTimeFormatter pattern(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
    }

    /** A page of this environment. Each segment is encoded. */
    String link(String... segments) {
        return Dashboard.path(environment, segments);
    }

    /** The same with a query: names and values in turn; a pair with an empty value is left out. */
    String query(String path, String... pairs) {
        var text = new StringBuilder(path);
        char sign = path.indexOf('?') < 0 ? '?' : '&';
        for (int i = 0; i < pairs.length; i += 2) {
            if (!pairs[i + 1].isEmpty()) {
                text.append(sign).append(View.encode(pairs[i])).append('=').append(View.encode(pairs[i + 1]));
                sign = '&';
            }
        }
        return text.toString();
    }

    /** A page of another environment: the same section. */
    String in(String other) {
        return Dashboard.path(other, section.map(Section::path).orElse(Section.OVERVIEW.path()));
    }

    String asset(String name) {
        return assets.path(name);
    }

    /** To the minute, or the day if it is long ago. */
    String time(Instant at) {
        return dated(at, MINUTES);
    }

    /** To the second, for runs. */
    String seconds(Instant at) {
        return dated(at, SECONDS);
    }

    /** To the millisecond, for logs. */
    String millis(Instant at) {
        return dated(at, MILLIS);
    }

    private String dated(Instant at, DateTimeFormatter clock) {
        var time = at.atZone(zone);
        var today = now.atZone(zone).toLocalDate();
        long days = Math.abs(today.toEpochDay() - time.toLocalDate().toEpochDay());
        if (days == 0) {
            return clock.format(time);
        }
        if (days <= WEEK) {
            return DAY_OF_WEEK.format(time) + clock.format(time);
        }
        return time.getYear() == today.getYear() ? DAY.format(time) + clock.format(time) : DAY_AND_YEAR.format(time);
    }

    /** The time of day alone. */
    String clock(Instant at) {
        return MINUTES.format(at.atZone(zone));
    }

    /** Whether a section has pages. */
    boolean has(Section wanted) {
        return sections.contains(wanted);
    }

    /** The day alone. */
    String day(Instant at) {
        return DAY_AND_YEAR.format(at.atZone(zone));
    }

    /** The exact time with its offset, as the title of a shorter one. */
    String exact(Instant at) {
        var time = at.atZone(zone);
        int offset = time.getOffset().getTotalSeconds();
        var hours = offset % 3_600 == 0
                ? Integer.toString(Math.abs(offset) / 3_600)
                : String.format(Locale.ENGLISH, "%d:%02d", Math.abs(offset) / 3_600, Math.abs(offset) % 3_600 / 60);
        return EXACT.format(time) + " (UTC" + (offset == 0 ? "" : (offset < 0 ? "−" : "+") + hours) + ')';
    }

    /** How long ago something was. */
    String ago(Instant at) {
        return View.duration(Duration.between(at, now));
    }
}
