package dev.millrace.server.connect;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.Connections;
import dev.millrace.server.credential.AppToken;
import dev.millrace.server.credential.OAuth2Token;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.credential.TokenContext;
import dev.millrace.server.http.Json;
import dev.millrace.server.provider.AuthMode;
import dev.millrace.server.provider.Moment;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * An app that is installed at the provider (GitHub). In the mode CUSTOM the person also authorises it, and their token
 * stands beside the app's; where somebody else has to approve the installation, it stands alone until then.
 */
final class AppLogin implements Login {
    private static final String INSTALLATION = "installation_id";
    private static final String ACTION = "setup_action";
    private static final String PENDING = "pending";
    private static final String HANDLE = "handle";

    private final TokenCalls tokens;
    private final Connections connections;
    private final Clock clock;

    AppLogin(TokenCalls tokens, Connections connections, Clock clock) {
        this.tokens = tokens;
        this.connections = connections;
        this.clock = clock;
    }

    @Override
    public Begun begin(Start start) {
        boolean custom = start.provider().authMode() == AuthMode.CUSTOM;
        if (custom) {
            start.completeClient(true);
        }
        var link = start.integrationText("app_link")
                .orElseThrow(() -> new AuthError(
                        AuthError.PROVIDER_CONFIG,
                        "The integration " + start.integration().uniqueKey()
                                + " has no app_link yet: set it with PATCH /integrations."));
        // What the page sends is not kept where the provider alone says what is installed.
        var config = custom ? kept(start) : start.flow().config();
        var names = start.context().effectiveConfig().put("appPublicLink", link);
        var location = new AuthorizationUrl(start.provider(), names, new Moment(clock))
                .with("state", start.state())
                .build();
        return new Begun(location, config, Json.object());
    }

    private static ObjectNode kept(Start start) {
        var defaults =
                start.flow().session().terms().defaults(start.integration().uniqueKey());
        return defaults.get("connection_config") instanceof ObjectNode set ? set.deepCopy() : Json.object();
    }

    @Override
    public Result complete(Back back) throws InterruptedException {
        return back.context().provider().authMode() == AuthMode.CUSTOM ? authorised(back) : installed(back);
    }

    private Result installed(Back back) throws InterruptedException {
        if (back.query().getOrDefault(ACTION, "").equals("request")) {
            throw new AuthError(
                    "wrong_auth_mode",
                    "The installation was only asked for: somebody of the organization has to approve it. Connect again"
                            + " after that.");
        }
        return installed(back, back.required(INSTALLATION), Optional.empty(), Optional.empty());
    }

    private Result authorised(Back back) throws InterruptedException {
        var installation = Optional.ofNullable(back.query().get(INSTALLATION)).filter(id -> !id.isEmpty());
        var existing = installation.flatMap(id -> existing(back, id));
        if (existing.isPresent()
                && !back.query().containsKey("code")
                && back.query().getOrDefault(ACTION, "").equals("update")) {
            var user = ((AppToken) existing.get().credentials()).user();
            return installed(back, installation.get(), user, existing);
        }
        var user = OAuth2Login.exchange(tokens, back, Optional.empty(), back.client());
        if (installation.isEmpty()) {
            var config = back.config(user.raw()).put(PENDING, true);
            // The webhook that tells of the approval names the app and the person: the connection is found by them.
            Login.text(back.context().integration().credentials().orElseGet(Json::object), "app_id")
                    .ifPresent(app -> config.put("app_id", app));
            config.remove(HANDLE);
            tokens.requester(back.context(), user).ifPresent(name -> config.put(HANDLE, name));
            return new Result(user, config, true, Optional.empty());
        }
        if (!tokens.mayUse(back.context(), user, installation.get())) {
            throw new AuthError("callback_err", "This installation does not belong to the person who has logged in.");
        }
        return installed(back, installation.get(), Optional.of(user), existing);
    }

    private Result installed(Back back, String installation, Optional<OAuth2Token> user, Optional<Connection> existing)
            throws InterruptedException {
        var context = back.context();
        var app = context.integration()
                .credentials()
                .flatMap(credentials -> Login.text(credentials, "app_id"))
                .orElse("");
        var config = back.config(Json.object());
        config.remove(List.of(PENDING, HANDLE));
        config.put(INSTALLATION, installation).put("app_id", app);
        var token = AppToken.installed(app, installation).withUser(user);
        var fresh = tokens.renew(new TokenContext(context.provider(), context.integration(), config), token);
        return new Result(fresh, config, false, existing.map(Connection::connectionId));
    }

    /** The connection that a customer already has to the same installation; another customer's is left alone. */
    private Optional<Connection> existing(Back back, String installation) {
        var owner = owner(back.flow().terms().endUser());
        return owner.isEmpty() || back.flow().target().isPresent()
                ? Optional.empty()
                : connections.ofIntegration(back.context().integration().id()).stream()
                        .filter(one -> one.credentials() instanceof AppToken token
                                && token.installationId().equals(Optional.of(installation)))
                        .filter(one -> owner.equals(owner(one.endUser().map(Json::parseObject))))
                        .findFirst();
    }

    private static String owner(Optional<ObjectNode> endUser) {
        return endUser.map(user -> user.path("id").asString("")).orElse("");
    }
}
