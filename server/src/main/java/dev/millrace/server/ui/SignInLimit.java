package dev.millrace.server.ui;

import dev.millrace.server.db.Database;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;

/** Limits how often a password may be tried, from one address and in all; counted for all servers. Thread-safe. */
final class SignInLimit {
    static final int TRIES = 5;
    private static final int TRIES_OF_ALL = 100;
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final String ALL = "*";
    private static final int NETWORK_OF_IPV6 = 8;

    private static final String COUNT = """
            INSERT INTO sign_in_attempt AS a (source, tries, since) VALUES (:source, 1, :now)
            ON CONFLICT (source) DO UPDATE
               SET tries = CASE WHEN a.since < :window THEN 1 ELSE a.tries + 1 END,
                   since = CASE WHEN a.since < :window THEN :now ELSE a.since END
            RETURNING tries, since
            """;
    private static final String FORGET = "DELETE FROM sign_in_attempt WHERE source = :source";

    private final Database db;
    private final Clock clock;

    SignInLimit(Database db, Clock clock) {
        this.db = db;
        this.clock = clock;
    }

    /**
     * What one more try meets.
     *
     * @param left how many tries follow; negative: this one is refused
     * @param pause until the next one, if refused
     */
    record Verdict(int left, Duration pause) {
        boolean refused() {
            return left < 0;
        }
    }

    /** Counts a try before the password is looked at, so that tries at the same moment all count. */
    Verdict count(InetAddress client) {
        var now = clock.instant();
        var own = count(source(client), TRIES, now);
        if (own.refused()) {
            return own;
        }
        var all = count(ALL, TRIES_OF_ALL, now);
        return all.refused() ? all : own;
    }

    private Verdict count(String source, int most, Instant now) {
        return db.withHandle(handle -> handle.createQuery(COUNT)
                .bind("source", source)
                .bind("now", at(now))
                .bind("window", at(now.minus(WINDOW)))
                .map((row, _) -> {
                    var until = row.getObject("since", OffsetDateTime.class)
                            .toInstant()
                            .plus(WINDOW);
                    return new Verdict(most - row.getInt("tries"), Duration.between(now, until));
                })
                .one());
    }

    /** After the right password. */
    void forget(InetAddress client) {
        db.useHandle(handle ->
                handle.createUpdate(FORGET).bind("source", source(client)).execute());
    }

    /** A network of IPv6 counts as one address: its owner has all of it. */
    private static String source(InetAddress client) {
        var bytes = client.getAddress();
        int length = client instanceof Inet6Address ? NETWORK_OF_IPV6 : bytes.length;
        return HexFormat.of().formatHex(bytes, 0, length);
    }

    private static OffsetDateTime at(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
