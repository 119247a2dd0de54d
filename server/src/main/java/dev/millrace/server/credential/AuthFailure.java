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
 * Why the credentials of a connection do not work. Stored with the connection until they work again.
 *
 * @param at time of the last failure
 * @param refusals number of days on which the provider refused
 * @param day of the last refusal
 * @param exhausted whether no further attempt is made unless a caller forces it
 * @param outage whether the provider was merely unavailable
 * @param log the operation whose log has the details
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
    /** The credentials have expired and cannot be renewed. */
    public static final String EXPIRED = "token_expired";

    private static final int MOST_REFUSALS = 4;

    /** Another failed attempt. An outage does not count towards giving the connection up. */
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

    /** The customer has to reconnect. */
    public static AuthFailure lasting(String code, String message, UUID log, Instant now) {
        var today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        return new AuthFailure(now, MOST_REFUSALS, today, true, false, log, code, Storable.text(message));
    }

    /** The failure is shown but blocks nothing, because the token may still work. */
    static AuthFailure expired(UUID log, Instant now) {
        return new AuthFailure(
                now,
                0,
                LocalDate.EPOCH,
                false,
                false,
                log,
                EXPIRED,
                "The access token has expired and the connection has no refresh token: it must be reconnected.");
    }

    /** Whether syncs that need the credentials should pause. */
    public boolean stops() {
        return !outage && !code.equals(EXPIRED);
    }

    boolean before(Instant moment, Duration grace) {
        return at.plus(grace).isBefore(moment);
    }

    /** The stored form. */
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

    /** Reads the stored form. */
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
