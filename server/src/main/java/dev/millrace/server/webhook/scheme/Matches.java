package dev.millrace.server.webhook.scheme;

import dev.millrace.server.provider.WebhookRules.Find;
import dev.millrace.server.provider.WebhookRules.Transform;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Creates the match of an event from the rules of a definition. */
final class Matches {
    static final Match NONE = new Match.First(List.of());

    private Matches() {}

    /** The match; empty if the event has no value by which connections could be found. */
    static Optional<Match> of(List<Find> rules, CallValues values) {
        var found = rules.stream().flatMap(rule -> of(rule, values).stream()).toList();
        return found.size() > 1
                ? Optional.of(new Match.First(found))
                : found.stream().findFirst();
    }

    private static Optional<Match> of(Find rule, CallValues values) {
        return rule.by().stream()
                .flatMap(value -> values.text(value).stream())
                .flatMap(text -> cut(rule.pattern(), text).stream())
                .flatMap(text -> transformed(rule.transform(), text).stream())
                .findFirst()
                .map(text -> switch (rule.target()) {
                    case CONNECTION_ID -> new Match.ConnectionId(text);
                    case METADATA -> new Match.Metadata(rule.key(), text);
                    case CONNECTION_CONFIG -> new Match.Config(rule.key(), text);
                });
    }

    private static Optional<String> cut(Optional<Pattern> pattern, String text) {
        if (pattern.isEmpty()) {
            return Optional.of(text);
        }
        var matcher = pattern.get().matcher(text);
        return matcher.find()
                ? Optional.ofNullable(matcher.group(1)).filter(part -> !part.isEmpty())
                : Optional.empty();
    }

    private static Optional<String> transformed(Transform transform, String text) {
        return switch (transform) {
            case NONE -> Optional.of(text);
            case ORIGIN -> url(text).map(url -> url.getScheme() + "://" + url.getAuthority());
            case EMAIL -> EmailHash.address(text);
            case EMAIL_HASH -> EmailHash.address(text).map(EmailHash::of);
            case HOST_LABEL -> {
                var host = text.contains("://") ? url(text).map(URI::getHost) : Optional.of(text);
                yield host.map(name -> name.split("\\.", -1)[0]).filter(label -> !label.isEmpty());
            }
        };
    }

    private static Optional<URI> url(String text) {
        try {
            return Optional.of(new URI(text)).filter(url -> url.getScheme() != null && url.getHost() != null);
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }
}
