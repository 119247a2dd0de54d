package dev.millrace.server.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Environments;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Text;
import dev.millrace.server.integration.Integrations;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.Providers;
import dev.millrace.server.webhook.scheme.ProviderCall;
import dev.millrace.server.webhook.scheme.Reading;
import dev.millrace.server.webhook.scheme.WebhookRefusal;
import dev.millrace.server.webhook.scheme.WebhookScheme;
import dev.millrace.server.webhook.scheme.WebhookSchemes;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The route {@code POST /webhook/{environment}/{integration}}, to which providers send webhooks. Thread-safe. */
public final class InboundRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(InboundRoutes.class);
    private static final String ENVIRONMENT = "environmentUuid";
    private static final String INTEGRATION = "providerConfigKey";
    private static final Pattern UUIDS =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private final Environments environments;
    private final EnvironmentSettings settings;
    private final Integrations integrations;
    private final Providers providers;
    private final WebhookSchemes schemes;
    private final Webhooks webhooks;
    private final Supplier<String> publicUrl;
    private final RateCount rates;

    public InboundRoutes(
            Environments environments,
            EnvironmentSettings settings,
            Integrations integrations,
            Providers providers,
            WebhookSchemes schemes,
            Webhooks webhooks,
            Supplier<String> publicUrl,
            Clock clock) {
        this.environments = environments;
        this.settings = settings;
        this.integrations = integrations;
        this.providers = providers;
        this.schemes = schemes;
        this.webhooks = webhooks;
        this.publicUrl = publicUrl;
        this.rates = new RateCount(clock);
    }

    public List<Route> routes() {
        return List.of(new Route(
                "POST", "/webhook/{" + ENVIRONMENT + "}/{" + INTEGRATION + "}", List.of(), true, this::receive));
    }

    private Response receive(Request request) throws InterruptedException {
        var path = request.path();
        var uuid = path.text(ENVIRONMENT, Text.ANY);
        if (!UUIDS.matcher(uuid).matches()) {
            path.issue("invalid_format", "Invalid UUID", ENVIRONMENT);
        }
        var key = path.text(INTEGRATION, Text.INTEGRATION_ID);
        path.end();
        var environment = UUID.fromString(uuid);
        var integration = integrations.recentOfUrl(environment, key).orElseThrow(() -> unknown(environment));
        var provider = providers.find(integration.provider());
        var scheme = provider.flatMap(schemes::of);
        if (scheme.isEmpty()) {
            return Response.empty(204);
        }
        var rate = rates.add(integration.id());
        var headers = rate.headers();
        if (rate.isOver()
                && settings.get(integration.environmentId()).webhooks().limitInbound()) {
            headers.put("Retry-After", List.of(rate.retryAfter()));
            return json(429, headers, "too_many_requests");
        }
        var url = publicUrl.get() + "/webhook/" + environment + "/" + integration.uniqueKey();
        var call = call(request, provider.get());
        var result = receive(new Secrets(integration, url), scheme.get(), call);
        if (result instanceof Result.Refused) {
            // The secret may have changed on another server less than a second ago.
            var current = integrations.ofUrl(environment, key).orElseThrow(() -> unknown(environment));
            if (!current.equals(integration)) {
                result = receive(new Secrets(current, url), scheme.get(), call);
            }
        }
        return switch (result) {
            case Result.Refused(var refusal) -> json(refusal.status(), headers, refusal.message());
            case Result.Answered(var response) -> answer(response, headers);
            case Result.Failed() -> json(500, headers, "internal_error");
        };
    }

    private Failure unknown(UUID environment) {
        boolean exists = environments.find(environment).isPresent();
        return new Failure.Plain(404, exists ? "unknown_provider_config" : "unknown_environment", null);
    }

    private sealed interface Result {
        record Answered(Reading.Response response) implements Result {}

        record Refused(WebhookRefusal refusal) implements Result {}

        record Failed() implements Result {}
    }

    private Result receive(Secrets secrets, WebhookScheme scheme, ProviderCall call) throws InterruptedException {
        Reading reading;
        try {
            reading = scheme.read(call, secrets);
        } catch (RuntimeException e) {
            LOG.error("A webhook of {} could not be read", secrets.integration().uniqueKey(), e);
            return new Result.Failed();
        }
        return switch (reading) {
            case Reading.Refused(var refusal) -> new Result.Refused(refusal);
            case Reading.Answered(var response) -> new Result.Answered(response);
            case Reading.Accepted accepted ->
                switch (webhooks.accept(secrets.integration(), call, accepted)) {
                    case Webhooks.Verdict.Refused(var refusal) -> new Result.Refused(refusal);
                    case Webhooks.Verdict.Stored(var response) -> new Result.Answered(response);
                };
        };
    }

    /** Converts the request. Only query parameters that the provider definition permits are visible to schemes. */
    private static ProviderCall call(Request request, Provider provider) {
        var headers = new HashMap<String, String>();
        request.headers().forEach((name, values) -> headers.put(name, String.join(",", values)));
        var query = new HashMap<String, String>();
        var permitted = provider.definition().path("webhook_allowed_query_params");
        if (!permitted.isEmpty()) {
            var given = request.queryTree();
            permitted.forEach(name -> given.path(name.asString(""))
                    .stringValueOpt()
                    .ifPresent(value -> query.put(name.asString(""), value)));
        }
        return new ProviderCall(headers, query, request.body());
    }

    private static Response json(int status, Map<String, List<String>> headers, String error) {
        return new Response.Whole(status, headers, Json.bytes(Json.object().put("error", error)));
    }

    private static Response answer(Reading.Response response, Map<String, List<String>> rate) {
        var headers = new TreeMap<>(rate);
        response.headers().forEach((name, value) -> headers.put(name, List.of(value)));
        if (response.contentType().isEmpty()) {
            return new Response.Empty(response.status(), headers);
        }
        var body = response.body().getBytes(UTF_8);
        if (response.contentType().startsWith("application/json")) {
            return new Response.Whole(response.status(), headers, body);
        }
        headers.put("Content-Type", List.of(response.contentType()));
        return new Response.Bytes(response.status(), headers, body);
    }
}
