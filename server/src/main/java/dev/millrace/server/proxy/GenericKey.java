package dev.millrace.server.proxy;

import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Template;
import java.util.Locale;
import java.util.Optional;

/** Where and how an integration of a generic provider sends its key. */
record GenericKey(boolean inQuery, String name, String valueTemplate) {
    static Optional<GenericKey> of(Target target) {
        var name = target.custom().path("keyName").asString("");
        if (name.isEmpty() || target.provider().integrationConfig().isEmpty()) {
            return Optional.empty();
        }
        boolean inQuery =
                target.custom().path("keyPlacement").asString("header").equals("query");
        var template = target.custom().path("valueTemplate").asString("");
        return Optional.of(new GenericKey(
                inQuery, inQuery ? name : name.toLowerCase(Locale.ROOT), template.isEmpty() ? "${apiKey}" : template));
    }

    String value(Names names, Moment moment) {
        return Template.of(valueTemplate).render(names, moment);
    }
}
