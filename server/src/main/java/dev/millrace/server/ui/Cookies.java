package dev.millrace.server.ui;

import dev.millrace.server.http.Request;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The cookies of the dashboard. */
final class Cookies {
    private static final String SESSION = "millrace_session";
    private static final String THEME = "millrace_theme";
    private static final String ZONE = "millrace_zone";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final Duration YEAR = Duration.ofDays(365);

    private final Map<String, String> values = new HashMap<>();

    private Cookies(String header) {
        for (var pair : header.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                values.putIfAbsent(
                        pair.substring(0, equals).strip(),
                        pair.substring(equals + 1).strip());
            }
        }
    }

    static Cookies of(Request request) {
        return new Cookies(request.header("Cookie").orElse(""));
    }

    /** An id of the right form; whether the session is open is another question. */
    Optional<String> session() {
        return Optional.ofNullable(values.get(SESSION))
                .filter(id -> ID.matcher(id).matches());
    }

    /** {@code light}, {@code dark}, or empty. */
    String theme() {
        var theme = values.getOrDefault(THEME, "");
        return List.of("light", "dark").contains(theme) ? theme : "";
    }

    /** The time zone of the browser, which a script tells; by default that of this server. */
    ZoneId zone() {
        var zone = values.getOrDefault(ZONE, "").replace("%2F", "/");
        try {
            return zone.isEmpty() ? ZoneId.systemDefault() : ZoneId.of(zone);
        } catch (DateTimeException _) {
            return ZoneId.systemDefault();
        }
    }

    /** Scripts cannot read it, and other sites' forms do not send it. It ends with its session, not with the browser's. */
    static String ofSession(String id, boolean secure) {
        return SESSION + '=' + id + "; Path=" + Dashboard.ROOT + "; Max-Age=" + Sessions.LONGEST.toSeconds()
                + "; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "");
    }

    static String noSession(boolean secure) {
        return SESSION + "=; Path=" + Dashboard.ROOT + "; Max-Age=0; HttpOnly; SameSite=Lax"
                + (secure ? "; Secure" : "");
    }

    static String ofTheme(String theme, boolean secure) {
        return THEME + '=' + theme + "; Path=" + Dashboard.ROOT + "; Max-Age="
                + (theme.isEmpty() ? 0 : YEAR.toSeconds()) + "; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "");
    }
}
