package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.http.Storable;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * Why the credentials of a connection are not good, as stored with the connection until they are again.
 *
 * @param at when it failed last
 * @param refusals the days on which the provider refused
 * @param day of the last refusal
 * @param exhausted whether no further attempt is made, unless somebody asks for it
 * @param outage whether the provider was only not reached
 * @param log the operation whose log tells more
 * @param code the provider's error, or one of the contract's
 */
public record AuthFailure(
        Instant at,
        int refusals,
        LocalDate day,
        boolean exhausted,
        boolean outage,
        UUID log,
        String code,
        String message) {
    /** The credentials have expired and there is no way to renew them. */
    public static final String EXPIRED = "token_expired";

    private static final int MOST_REFUSALS = 4;

    /** Another failed attempt; an outage brings a connection no nearer to being given up. */
    static AuthFailure after(Optional<AuthFailure> before, TokenFailure why, UUID log, Instant now) {
        boolean outage = why.kind() == TokenFailure.Kind.UNAVAILABLE;
        var today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        int refusals = before.map(AuthFailure::refusals).orElse(0);
        var day = before.map(AuthFailure::day).orElse(LocalDate.EPOCH);
        if (!outage && (refusals == 0 || day.isBefore(today))) {
            refusals++;
            day = today;
        }
        return new AuthFailure(
                now,
                refusals,
                day,
                refusals >= MOST_REFUSALS,
                outage,
                log,
                why.code(),
                Storable.text(String.valueOf(why.getMessage())));
    }

    /** Nothing will do but to authorise again. */
    public static AuthFailure lasting(String code, String message, UUID log, Instant now) {
        var today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        return new AuthFailure(now, MOST_REFUSALS, today, true, false, log, code, Storable.text(message));
    }

    /** Told, but in nobody's way: the token may be good all the same. */
    static AuthFailure expired(UUID log, Instant now) {
        return new AuthFailure(
                now,
                0,
                LocalDate.EPOCH,
                false,
                false,
                log,
                EXPIRED,
                "The access token has expired and the connection has no refresh token: it must be authorised again.");
    }

    /** Whether what needs the credentials had better stop. */
    public boolean stops() {
        return !outage && !code.equals(EXPIRED);
    }

    boolean before(Instant moment, Duration grace) {
        return at.plus(grace).isBefore(moment);
    }

    /** As stored. */
    public ObjectNode json() {
        return Json.object()
                .put("at", at.toString())
                .put("refusals", refusals)
                .put("day", day.toString())
                .put("exhausted", exhausted)
                .put("outage", outage)
                .put("log_id", log.toString())
                .put("code", code)
                .put("message", message);
    }

    /** Reads what is stored. */
    public static AuthFailure parse(String stored) {
        var node = Json.parseObject(stored);
        return new AuthFailure(
                Instant.parse(node.path("at").asString()),
                node.path("refusals").asInt(),
                LocalDate.parse(node.path("day").asString()),
                node.path("exhausted").asBoolean(),
                node.path("outage").asBoolean(),
                UUID.fromString(node.path("log_id").asString()),
                node.path("code").asString(),
                node.path("message").asString());
    }
}
