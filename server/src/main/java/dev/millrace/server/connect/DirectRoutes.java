package dev.millrace.server.connect;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.ConnectionSetup;
import dev.millrace.server.credential.ApiKey;
import dev.millrace.server.credential.AwsRole;
import dev.millrace.server.credential.Basic;
import dev.millrace.server.credential.Bill;
import dev.millrace.server.credential.ClientCredentials;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.None;
import dev.millrace.server.credential.OAuth2Token;
import dev.millrace.server.credential.SignedJwt;
import dev.millrace.server.credential.TokenBased;
import dev.millrace.server.credential.TokenCalls;
import dev.millrace.server.credential.TokenContext;
import dev.millrace.server.credential.TokenFailure;
import dev.millrace.server.credential.TwoStep;
import dev.millrace.server.credential.Wsse;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.provider.AuthMode;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Connects by a form: credentials are posted, tested and stored. */
public final class DirectRoutes {
    private static final Text REGION = new Text(1, 64, Optional.of(AwsInput.REGION));
    private static final Text ANY = Text.between(0, 65_536);

    private final FlowFinder flows;
    private final ConnectionSetup setup;
    private final TokenCalls tokens;
    private final FailedLogins failures;

    public DirectRoutes(FlowFinder flows, ConnectionSetup setup, TokenCalls tokens, FailedLogins failures) {
        this.flows = flows;
        this.setup = setup;
        this.tokens = tokens;
        this.failures = failures;
    }

    public List<Route> routes() {
        return List.of(
                route("/api-auth/api-key", AuthMode.API_KEY, ApiKey::given),
                route("/api-auth/basic", AuthMode.BASIC, Basic::given),
                new Route(
                        "POST",
                        "/oauth2/auth/{providerConfigKey}",
                        List.of(),
                        true,
                        request -> typed(() -> connect(request, AuthMode.OAUTH2_CC, DirectRoutes::client))),
                route("/auth/tba", AuthMode.TBA, TokenBased::given),
                route("/auth/two-step", AuthMode.TWO_STEP, DirectRoutes::login),
                route("/auth/jwt", AuthMode.JWT, DirectRoutes::signed),
                route("/auth/bill", AuthMode.BILL, Bill::given),
                route("/auth/signature", AuthMode.SIGNATURE, DirectRoutes::signature),
                route("/auth/aws-sigv4", AuthMode.AWS_SIGV4, DirectRoutes::role),
                route("/auth/unauthenticated", AuthMode.NONE, _ -> new None()),
                Route.post("/auth/oauth-outbound/{providerConfigKey}", this::await));
    }

    private Route route(String path, AuthMode mode, Function<Fields, Credentials> read) {
        return Route.post(path + "/{providerConfigKey}", request -> connect(request, mode, read));
    }

    /** The provider sends the code by a webhook when the person has installed the app there. */
    private Response await(Request request) throws InterruptedException {
        var flow = flows.find(request, AuthMode.OAUTH2);
        if (!flow.provider().text("installation").equals(Optional.of("outbound"))) {
            throw Failure.plain(
                    400,
                    "invalid_auth_mode",
                    "The provider " + flow.provider().name()
                            + " is not installed at the provider: begin with a login.");
        }
        flow.config().put("pending", true);
        var stored = stored(flow, flow.connectionId(), OAuth2Token.awaited(), flow.config());
        return Response.ok(connected(flow, stored).put("isPending", true));
    }

    private static Credentials client(Fields body) {
        body.loose();
        var id = body.optionalText("client_id", ANY).orElse("");
        var secret = body.optionalText("client_secret", ANY).orElse("");
        var key = body.optionalText("client_private_key", ANY).filter(text -> !text.isEmpty());
        if (id.isEmpty()) {
            throw new Failure.Typed(400, "missing_client_id", "Send client_id.");
        }
        if (secret.isEmpty() && key.isEmpty()) {
            throw new Failure.Typed(400, "missing_client_secret", "Send client_secret or client_private_key.");
        }
        return ClientCredentials.client(
                id, secret, body.optionalText("client_certificate", ANY).filter(text -> !text.isEmpty()), key);
    }

    private static Credentials login(Fields body) {
        return TwoStep.typed(typedFields(body));
    }

    private static Credentials signed(Fields body) {
        return SignedJwt.typed(typedFields(body));
    }

    private static ObjectNode typedFields(Fields body) {
        var fields = body.loose().all();
        fields.remove(List.of("type", "assertionOption"));
        return fields;
    }

    private static Credentials role(Fields body) {
        return AwsRole.role(
                body.text("role_arn", Text.between(1, 2048)),
                body.optionalText("region", REGION).orElse(""),
                "",
                "");
    }

    private static Credentials signature(Fields body) {
        body.any("type");
        return Wsse.given(body);
    }

    /** All errors of this endpoint keep the format of its older versions. */
    private static Response typed(Work work) throws InterruptedException {
        try {
            return work.connect();
        } catch (Failure.Plain e) {
            int status = e.code().equals("unknown_provider_config") ? 400 : e.status();
            throw new Failure.Typed(status, e.code(), String.valueOf(e.getMessage()));
        }
    }

    private interface Work {
        Response connect() throws InterruptedException;
    }

    private Response connect(Request request, AuthMode mode, Function<Fields, Credentials> read)
            throws InterruptedException {
        var flow = flows.find(request, mode);
        var body = request.bodyFields();
        var sent = read.apply(body);
        body.end();
        var given = sent instanceof AwsRole role ? AwsInput.complete(role, flow) : sent;
        var options = request.json().path("assertionOption") instanceof ObjectNode once ? once : Json.object();
        var connectionId = flow.connectionId();
        try {
            return establish(flow, connectionId, given, options);
        } catch (Failure e) {
            failures.report(flow, connectionId, AuthError.of(e));
            throw e;
        }
    }

    private Response establish(Flow flow, String connectionId, Credentials given, ObjectNode options)
            throws InterruptedException {
        var credentials = obtain(flow, given, options);
        var config = flow.config();
        keepClient(config, credentials);
        keepMetadata(flow, config, credentials);
        return Response.ok(connected(flow, stored(flow, connectionId, credentials, config)));
    }

    private Connection stored(Flow flow, String connectionId, Credentials credentials, ObjectNode config)
            throws InterruptedException {
        var session = flow.session();
        var draft = session.terms().draft(session.id(), connectionId, credentials, config);
        return setup.establish(flow.integration(), flow.provider(), draft).connection();
    }

    private static ObjectNode connected(Flow flow, Connection made) {
        return Json.object()
                .put("connectionId", made.connectionId())
                .put("providerConfigKey", flow.integration().uniqueKey());
    }

    private Credentials obtain(Flow flow, Credentials given, ObjectNode options) throws InterruptedException {
        try {
            return tokens.renew(new TokenContext(flow.provider(), flow.integration(), flow.config()), given, options);
        } catch (TokenFailure e) {
            throw failure(flow.provider().authMode(), e);
        }
    }

    private static Failure failure(AuthMode mode, TokenFailure why) {
        var message = String.valueOf(why.getMessage());
        var code = switch (why.code()) {
            case "missing_token_url", "invalid_two_step_credentials" -> why.code();
            default ->
                switch (mode) {
                    case TWO_STEP -> "two_step_credentials_fetch_error";
                    case OAUTH2_CC -> "client_credentials_fetch_error";
                    case JWT -> "jwt_create_failed";
                    case SIGNATURE -> "signature_token_create_failed";
                    case BILL -> "bill_credentials_fetch_error";
                    case AWS_SIGV4 -> "aws_sigv4_sts_request_failed";
                    case OAUTH2,
                            API_KEY,
                            BASIC,
                            MCP_OAUTH2,
                            MCP_OAUTH2_GENERIC,
                            OAUTH1,
                            NONE,
                            APP,
                            CUSTOM,
                            TBA,
                            INSTALL_PLUGIN -> why.code();
                };
        };
        return new Failure.Typed(
                mode == AuthMode.AWS_SIGV4 ? 502 : 400, code, message, JsonNodeFactory.instance.stringNode(message));
    }

    /** The client of a token-based connection is stored with the connection. */
    private static void keepClient(ObjectNode config, Credentials credentials) {
        if (credentials instanceof TokenBased token) {
            token.client().id().ifPresent(id -> config.put("oauth_client_id", id));
            token.client().secret().ifPresent(secret -> config.put("oauth_client_secret", secret));
        }
    }

    /** The values of the provider's response that the definition keeps. Values from the person win. */
    private static void keepMetadata(Flow flow, ObjectNode config, Credentials credentials) {
        TokenCalls.metadata(flow.provider(), credentials).forEach((name, value) -> {
            if (config.path(name).asString("").isEmpty()) {
                config.set(name, value);
            }
        });
    }
}
