package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.log.Secrets;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Outgoing;
import dev.millrace.server.outbound.Payload;
import dev.millrace.server.outbound.Url;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Follows redirects by the usual rules and withholds credentials from other origins. */
final class Redirects {
    private static final int MOST = 5;
    private static final int PIECE = 1024 * 1024;
    /** Longer than any secret in any encoding. */
    private static final int OVERLAP = 64 * 1024;

    private static final Set<String> PERSONAL = Set.of("authorization", "cookie", "proxy-authorization");

    private static final String REMEDY =
            " of the connection. Call that host itself, or set forwardHeadersOnRedirect if it may see them.";

    private final Outbound outbound;

    Redirects(Outbound outbound) {
        this.outbound = outbound;
    }

    /** @param target whose secrets are withheld from other hosts; empty for calls without credentials */
    OutboundAnswer send(Outgoing first, boolean forwardHeaders, Optional<Target> target) throws InterruptedException {
        var request = first;
        for (int hop = 0; ; hop++) {
            var answer = outbound.send(request);
            var location = location(answer);
            if (location.isEmpty()) {
                return answer;
            }
            answer.close();
            if (hop == MOST) {
                throw OutboundFailure.network("ERR_FR_TOO_MANY_REDIRECTS", "Maximum number of redirects exceeded");
            }
            request = follow(request, answer.status(), location.get(), forwardHeaders, target);
        }
    }

    private static Optional<String> location(OutboundAnswer answer) {
        return switch (answer.status()) {
            case 301, 302, 303, 307, 308 -> answer.header("location");
            default -> Optional.empty();
        };
    }

    private Outgoing follow(Outgoing from, int status, String location, boolean forward, Optional<Target> target) {
        var next = from.uri().resolve(location);
        try {
            outbound.check(next);
        } catch (OutboundFailure e) {
            throw denied(next, ": " + e.getMessage());
        }
        var followed = from.to(next, method(from.method(), status));
        if (forward || sameOrigin(from.uri(), next)) {
            return followed;
        }
        var told = target.map(Target::secrets).orElseGet(Secrets::new);
        if (standIn(followed.given(), told)) {
            throw denied(next, " with a body that holds credentials" + REMEDY);
        }
        var sure = target.map(Target::confidential).orElseGet(Secrets::new);
        if (sure.standIn(next.toString()) || sure.standIn(Urls.decoded(next))) {
            throw denied(next, " with an address that holds credentials" + REMEDY);
        }
        return followed.anonymous(harmless(followed, told));
    }

    /** Searches overlapping pieces, so that a secret is whole in at least one of them. */
    private static boolean standIn(Payload body, Secrets secrets) {
        try (var in = body.open()) {
            var seen = new byte[0];
            for (var piece = in.readNBytes(PIECE); piece.length > 0; piece = in.readNBytes(PIECE)) {
                var text = new String(seen, UTF_8) + new String(piece, UTF_8);
                if (secrets.standIn(text)) {
                    return true;
                }
                seen = Arrays.copyOfRange(piece, Math.max(0, piece.length - OVERLAP), piece.length);
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Only the origin of the URL: the rest may be secret. */
    private static OutboundFailure denied(Url next, String why) {
        return OutboundFailure.refused("proxy_redirect_to_denied_host", "Redirected to " + next.origin() + why);
    }

    private static String method(String method, int status) {
        boolean toGet = (status == 303 && !method.equals("HEAD")) || (status < 303 && method.equals("POST"));
        return toGet ? "GET" : method;
    }

    /** The same host and port, or the default https port instead of the default http port. */
    private static boolean sameOrigin(Url from, Url to) {
        boolean safer = from.effectivePort() == 80 && to.secure() && to.effectivePort() == 443;
        boolean same = from.secure() == to.secure() && from.effectivePort() == to.effectivePort();
        return from.host().equals(to.host()) && (safer || same);
    }

    /** Headers that are safe for other hosts; all others may contain credentials of the caller. */
    private static Map<String, String> harmless(Outgoing request, Secrets secrets) {
        var kept = new LinkedHashMap<String, String>();
        request.headers().forEach((name, value) -> {
            boolean told = PERSONAL.contains(name) || request.secret().contains(name);
            if (!told && !secrets.standIn(value)) {
                kept.put(name, value);
            }
        });
        return kept;
    }
}
