package dev.millrace.server.ui;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.encryption.SecretHash;
import dev.millrace.server.http.Request;
import java.net.URI;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;

/** Proof that a form comes from a page of ours: a token made from the session's id, and the origin that browsers send. */
final class Csrf {
    private Csrf() {}

    /** Other sites cannot know it, because they do not know the id. The id cannot be computed from it. */
    static String token(String session) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(SecretHash.of("form:" + session));
    }

    /** Without a session there is no proof: everybody can compute the token of an empty id. */
    static boolean proves(String token, String session) {
        return !session.isEmpty()
                && MessageDigest.isEqual(token.getBytes(UTF_8), token(session).getBytes(UTF_8));
    }

    /** Whether the browser says that the form was sent by a page of this server; programs say nothing. */
    static boolean isOurs(Request request, String publicUrl) {
        var origin = request.header("Origin");
        if (origin.isPresent()) {
            return authority(origin.get()).equals(request.origin().authority().toLowerCase(Locale.ROOT))
                    || authority(origin.get()).equals(authority(publicUrl));
        }
        return request.header("Sec-Fetch-Site").map("same-origin"::equals).orElse(true);
    }

    private static String authority(String url) {
        try {
            var authority = URI.create(url).getRawAuthority();
            return authority == null ? "" : authority.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException _) {
            return "";
        }
    }
}
