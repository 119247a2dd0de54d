package dev.millrace.server.testkit;

import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A token endpoint that replaces refresh tokens: the last one stays good until its successor is used, as careful providers
 * have it; an older one ends the grant for good. Thread-safe.
 */
public final class RotatingProvider implements AutoCloseable {
    /** A grant's refresh tokens by number: the newest that was handed out, and the oldest that is still taken. */
    private record Grant(int newest, int oldest, boolean ended) {}

    private final Map<String, Grant> grants = new ConcurrentHashMap<>();
    private final ScriptedApi api = new ScriptedApi();
    private final AtomicInteger answered = new AtomicInteger();
    private volatile Runnable beforeAnswer = () -> {};

    public RotatingProvider() {
        api.answers(this::answer);
    }

    public String url() {
        return api.url();
    }

    /** From now on this happens between a token's making and its answer. */
    public void beforeAnswer(Runnable next) {
        beforeAnswer = next;
    }

    /** How many tokens it has made. */
    public int answered() {
        return answered.get();
    }

    /** The refresh token of a new grant. */
    public String grant(String name) {
        grants.put(name, new Grant(0, 0, false));
        return name + "/0";
    }

    /** The access token that was handed out last. */
    public String newest(String name) {
        return "access-" + name + '/'
                + grants.getOrDefault(name, new Grant(-1, 0, true)).newest();
    }

    public long ended() {
        return grants.values().stream().filter(Grant::ended).count();
    }

    private Given answer(Asked asked) {
        var parts = refreshToken(asked.text()).split("/", 2);
        int used = Integer.parseInt(parts[1]);
        var now = grants.computeIfPresent(parts[0], (_, grant) -> {
            boolean ended = grant.ended() || used < grant.oldest() || used > grant.newest();
            return new Grant(ended ? grant.newest() : grant.newest() + 1, Math.max(used, grant.oldest()), ended);
        });
        answered.incrementAndGet();
        beforeAnswer.run();
        if (now == null || now.ended()) {
            return Given.json(400, "{\"error\":\"invalid_grant\"}");
        }
        var next = parts[0] + '/' + now.newest();
        return Given.json(
                200,
                "{\"access_token\":\"access-" + next + "\",\"refresh_token\":\"" + next + "\",\"expires_in\":3600}");
    }

    private static String refreshToken(String form) {
        for (var pair : form.split("&", -1)) {
            if (pair.startsWith("refresh_token=")) {
                return URLDecoder.decode(pair.substring("refresh_token=".length()), StandardCharsets.UTF_8);
            }
        }
        throw new IllegalArgumentException(form);
    }

    @Override
    public void close() {
        api.close();
    }
}
