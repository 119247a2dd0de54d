package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.provider.Moment;
import java.time.Duration;
import java.util.Map;

/** Logs in at BILL. Thread-safe. */
final class BillLogin {
    private static final Duration LIFE = Duration.ofMinutes(35);

    private final TokenEndpoint endpoint;

    BillLogin(TokenEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    Bill renew(TokenContext context, Bill old, Moment moment) throws InterruptedException {
        var template = OAuth2Refresh.tokenUrl(context, "BILL")
                .orElseThrow(() -> TokenFailure.impossible(
                        "missing_token_url",
                        "The definition of provider " + context.provider().name() + " has no token_url."));
        var url = TokenNames.url(context, template, TokenNames.config(context.effectiveConfig()), moment);
        var body = TokenBody.json(Json.object()
                .put("username", old.username())
                .put("password", old.password())
                .put("organizationId", old.organizationId())
                .put("devKey", old.devKey()));
        var answer = endpoint.send(TokenEndpoint.Call.post(url, body, Map.of()));
        var raw = TokenAnswer.object(answer);
        var session =
                CredentialJson.optional(raw, "sessionId").orElseThrow(() -> TokenAnswer.failure(answer.status(), raw));
        return old.with(session, raw.path("userId").asString(""), moment.now().plus(LIFE), raw);
    }
}
