package dev.millrace.server.webhook.scheme;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.Locale;
import java.util.Optional;

/** Parses and hashes e-mail addresses. Connections store the hash instead of the address. */
final class EmailHash {
    private EmailHash() {}

    /** The address in lower case; empty if the text is not an e-mail address. */
    static Optional<String> address(String text) {
        try {
            var plain = text.contains("%") ? URLDecoder.decode(text.replace("+", "%2B"), UTF_8) : text;
            return Optional.of(plain.strip().toLowerCase(Locale.ROOT)).filter(address -> address.contains("@"));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    static String of(String address) {
        return Crypto.hexSha256("nango.emailAddressHash.v1:" + address);
    }
}
