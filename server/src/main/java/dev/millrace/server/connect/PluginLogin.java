package dev.millrace.server.connect;

import dev.millrace.server.credential.Basic;
import dev.millrace.server.http.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** A plugin that the person installs at the provider; all its connections share the credentials of the integration. */
final class PluginLogin implements Login {
    @Override
    public Begun begin(Start start) {
        var custom = start.integration().custom();
        var link = Login.text(custom, "app_link")
                .filter(text -> text.startsWith("https://") || text.startsWith("http://"))
                .orElseThrow(() -> new AuthError(
                        AuthError.PROVIDER_CONFIG,
                        "The integration " + start.integration().uniqueKey()
                                + " has no app_link yet, the address where its plugin is installed: set it as custom with"
                                + " PATCH /integrations."));
        var location = link + (link.contains("?") ? '&' : '?') + "payload="
                + URLEncoder.encode(start.state(), StandardCharsets.UTF_8);
        return new Begun(location, start.flow().config(), Json.object());
    }

    @Override
    public Result complete(Back back) {
        var type = back.context().provider().text("auth_type").orElse("BASIC");
        if (!type.equals("BASIC")) {
            throw new AuthError(
                    AuthError.PROVIDER_CONFIG,
                    "auth_type of provider " + back.context().provider().name() + " is " + type
                            + "; only BASIC is known.");
        }
        var custom = back.context().integration().custom();
        var credentials = new Basic(
                custom.path("username").asString(""), custom.path("password").asString(""));
        return Result.of(credentials, back.config(Json.object()));
    }
}
