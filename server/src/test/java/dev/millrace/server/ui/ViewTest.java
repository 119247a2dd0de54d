package dev.millrace.server.ui;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.ui.LineDiff.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** How values are written on pages. */
class ViewTest {
    private static final Instant NOW = Instant.parse("2026-11-30T09:41:50.002Z");

    private static Page page(String zone) {
        return new Page(
                "",
                Optional.empty(),
                "dev",
                List.of(),
                List.of(),
                "",
                "",
                "",
                new Assets(),
                "",
                1,
                0,
                NOW,
                ZoneId.of(zone));
    }

    @Test
    void times_are_as_short_as_their_distance_allows() {
        var page = page("Europe/Berlin");

        assertThat(page.time(NOW)).isEqualTo("10:41");
        assertThat(page.seconds(NOW)).isEqualTo("10:41:50");
        assertThat(page.millis(NOW)).isEqualTo("10:41:50.002");
        assertThat(page.time(Instant.parse("2026-11-29T17:20:31Z"))).isEqualTo("Sun 18:20");
        assertThat(page.time(Instant.parse("2026-11-12T10:00:00Z"))).isEqualTo("12 Nov, 11:00");
        assertThat(page.time(Instant.parse("2025-08-04T10:00:00Z"))).isEqualTo("4 Aug 2025");
        assertThat(page.exact(NOW)).isEqualTo("30 November 2026, 10:41:50.002 (UTC+1)");
        assertThat(page("UTC").exact(NOW)).endsWith("(UTC)");
        assertThat(page("America/St_Johns").exact(NOW)).endsWith("(UTC−3:30)");
    }

    @Test
    void numbers_have_separators_and_durations_units() {
        assertThat(View.number(1_234_567)).isEqualTo("1,234,567");
        assertThat(List.of(240L, 4_290L, 98_000L, 7_400_000L, 100_000_000L))
                .map(millis -> View.duration(Duration.ofMillis(millis)))
                .containsExactly("240 ms", "4.2 s", "1 min 38 s", "2 h 3 min", "1 d 3 h");
        assertThat(View.elapsed(Duration.ofSeconds(98))).isEqualTo("1:38");
        assertThat(View.elapsed(Duration.ofSeconds(3_727))).isEqualTo("1:02:07");
        assertThat(View.bytes(4_300_000)).isEqualTo("4.1 MB");
    }

    @Test
    void tiles_have_initials_and_one_colour_for_a_name() {
        assertThat(List.of("Pemberly Hotels", "Kanbara", "maren-clinics", "é", "", "😀x"))
                .map(View::tileLetters)
                .containsExactly("PH", "Ka", "MC", "É", "", "X");
        assertThat(View.tileColour("Kanbara"))
                .isEqualTo(View.tileColour("Kanbara"))
                .matches("t[1-8]");
    }

    @Test
    void links_encode_what_people_name_things() {
        assertThat(page("UTC").link("connections", "a/b", "ü ?#"))
                .isEqualTo("/ui/dev/connections/a%2Fb/%C3%BC%20%3F%23");
        assertThat(page("UTC").query("/ui/dev/log", "text", "a&b", "level", "")).isEqualTo("/ui/dev/log?text=a%26b");
        assertThat(View.shortened("a😀b", 2)).isEqualTo("a😀…");
    }

    @Test
    void a_diff_shows_changes_with_lines_around_them() {
        var before = "1\n2\n3\n4\n5\n6\n7\n8\n9";
        var after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10";

        var shown = LineDiff.of(before, after).stream()
                .map(line -> line.kind().name().charAt(0) + line.text())
                .collect(Collectors.joining(" "));

        assertThat(shown).isEqualTo("S1 unchanged line S2 S3 S4 R5 Afive S6 S7 S8 S9 A10");
        assertThat(LineDiff.of("", "a")).containsExactly(new LineDiff.Line(Kind.ADDED, "a"));
        assertThat(LineDiff.of("a", "a")).containsExactly(new LineDiff.Line(Kind.SKIPPED, "1 unchanged line"));
    }

    @Test
    void what_failed_hangs_below_the_waterline() {
        var bars = List.of(new Chart.Bar("10:00", 100, 0), new Chart.Bar("10:30", 1, 4), new Chart.Bar("11:00", 0, 0));
        var chart = new Chart("c", "Operations", "succeeded", "failed", bars, List.of(), "", bars);

        assertThat(bars).map(chart::doneHeight).containsExactly("78.0", "2.0", "0.0");
        assertThat(bars).map(chart::failedHeight).containsExactly("0.0", "28.0", "0.0");
        assertThat(chart.say(bars.get(1))).isEqualTo("10:30: 1 succeeded, 4 failed");
    }

    @Test
    void the_cause_of_an_error_is_found_wherever_its_json_has_it() {
        assertThat(List.of(
                        "{\"type\":\"x\",\"message\":\"first\"}",
                        "{\"type\":\"x\",\"payload\":{\"message\":\"second\"}}",
                        "{\"type\":\"delete_guard\"}",
                        "no json"))
                .map(json -> ErrorText.of(Optional.of(json)))
                .containsExactly("first", "second", "delete guard", "no json");
    }

    @Test
    void the_token_of_a_form_belongs_to_one_session() {
        assertThat(Csrf.proves(Csrf.token("a"), "a")).isTrue();
        assertThat(Csrf.proves(Csrf.token("a"), "b")).isFalse();
        assertThat(Csrf.proves(Csrf.token(""), "")).isFalse();
    }

    @Test
    void a_cookie_is_for_https_only_where_https_is_used() {
        assertThat(Cookies.ofSession("x", true)).endsWith("; HttpOnly; SameSite=Lax; Secure");
        assertThat(Cookies.ofSession("x", false)).doesNotContain("Secure");
    }
}
