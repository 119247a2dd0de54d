package dev.millrace.server.credential;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.http.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Determines the expiry of a login's token from the definition, the response and the token. */
record TwoStepLife(JsonNode definition, Instant now) {
    private static final Duration FOR_EVER = Duration.ofDays(99 * 365L);
    private static final Duration EARLIER = Duration.ofMinutes(15);

    /** Empty when it never expires. */
    Optional<Instant> until(ObjectNode answer, String token, Optional<String> refreshToken) {
        var told = told(answer);
        if (told.isPresent()) {
            return told;
        }
        var fixed = definition.path("token_expires_in_ms");
        if (fixed.isNumber() && fixed.longValue() == 0) {
            return Optional.empty();
        }
        var until = now.plus(fixed.isNumber() ? Duration.ofMillis(fixed.longValue()) : FOR_EVER);
        return Optional.of(earliest(earliest(until, expiry(token)), refreshToken.flatMap(TwoStepLife::expiry)));
    }

    private Optional<Instant> told(ObjectNode answer) {
        var description = definition.path("token_response");
        var value =
                CredentialJson.optional(description, "token_expiration").flatMap(path -> TokenAnswer.at(answer, path));
        return description.path("token_expiration_strategy").asString("").equals("expireIn")
                ? value.flatMap(TokenLife::amount).map(now::plus)
                : value.flatMap(node -> TokenLife.moment(node, now));
    }

    private static Instant earliest(Instant until, Optional<Instant> cap) {
        return cap.map(time -> time.minus(EARLIER)).filter(until::isAfter).orElse(until);
    }

    /** The {@code exp} of a JSON web token; empty for other text. */
    static Optional<Instant> expiry(String token) {
        var parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            var claims = Json.MAPPER.readTree(new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8));
            return claims.path("exp").isNumber()
                    ? Optional.of(Instant.ofEpochSecond(claims.path("exp").longValue()))
                    : Optional.empty();
        } catch (IllegalArgumentException | JacksonException _) {
            return Optional.empty();
        }
    }
}
