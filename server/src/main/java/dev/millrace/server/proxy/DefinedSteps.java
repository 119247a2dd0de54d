package dev.millrace.server.proxy;

import dev.millrace.server.connection.Connection;
import dev.millrace.server.connection.ConnectionSteps;
import dev.millrace.server.connection.FreshConnections;
import dev.millrace.server.credential.RefreshFailure;
import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Json;
import dev.millrace.server.log.Logs;
import dev.millrace.server.log.Operation;
import dev.millrace.server.log.Secrets;
import dev.millrace.server.log.Status;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Providers;
import dev.millrace.server.provider.StepRules;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes the calls that definitions want made as connections come and go, through the proxy. Thread-safe. */
public final class DefinedSteps implements ConnectionSteps {
    private static final String AFTER = "post_connection";
    private static final String BEFORE = "pre_connection_deletion";
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final int LARGEST_ANSWER = 1 << 20;

    private final Proxy proxy;
    private final Targets targets;
    private final FreshConnections fresh;
    private final Providers providers;
    private final Logs logs;
    private final Clock clock;

    public DefinedSteps(
            Proxy proxy, Targets targets, FreshConnections fresh, Providers providers, Logs logs, Clock clock) {
        this.proxy = proxy;
        this.targets = targets;
        this.fresh = fresh;
        this.providers = providers;
        this.logs = logs;
        this.clock = clock;
    }

    @Override
    public boolean followConnecting(Connection connection) {
        return rules(connection, AFTER).isPresent();
    }

    @Override
    public ObjectNode connected(Connection connection) throws InterruptedException {
        return run(connection, AFTER);
    }

    @Override
    public boolean precedeDeletion(Connection connection) {
        return rules(connection, BEFORE).isPresent();
    }

    @Override
    public void deleting(Connection connection) throws InterruptedException {
        run(connection, BEFORE);
    }

    private Optional<StepRules> rules(Connection connection, String block) {
        return providers.find(connection.provider()).flatMap(provider -> StepRules.of(provider, block));
    }

    private ObjectNode run(Connection connection, String block) throws InterruptedException {
        var rules = rules(connection, block);
        if (rules.isEmpty()) {
            return Json.object();
        }
        try (var log = logs.open(operation(connection))) {
            log.conceal(() -> Secrets.in(connection.credentials().json()));
            try {
                var found = run(rules.get(), targets.of(fresh.of(connection, false)));
                log.end(Status.SUCCESS, "The steps of " + block + " were done.", null);
                return found;
            } catch (OutboundFailure | RefreshFailure | Failure e) {
                var message = "The steps of " + block + " failed: " + log.blank(String.valueOf(e.getMessage()));
                log.end(Status.FAILED, message, Json.text(Json.object().put("message", message)));
                return Json.object();
            }
        }
    }

    private ObjectNode run(StepRules rules, Target target) throws InterruptedException {
        var moment = new Moment(clock);
        var names = target.names();
        int number = 0;
        for (var step : rules.steps()) {
            number++;
            var call = call(step, names, moment);
            try (var answer = proxy.send(call, () -> target, Observer.NONE)) {
                if (!answer.successful()) {
                    throw OutboundFailure.refused(
                            "step_failed",
                            step.method() + ' ' + step.endpoint() + " was answered with " + answer.status() + '.');
                }
                names = Names.under("step" + number + '.', json(answer)).or(names);
            }
        }
        var config = Json.object();
        for (var entry : rules.config().entrySet()) {
            entry.getValue()
                    .resolve(names, moment)
                    .filter(value -> !value.isEmpty())
                    .ifPresent(value -> config.put(entry.getKey(), value));
        }
        return config;
    }

    private static Call call(StepRules.Step step, Names names, Moment moment) {
        var headers = new HashMap<String, String>();
        step.headers()
                .forEach((name, value) -> value.resolve(names, moment).ifPresent(text -> headers.put(name, text)));
        var endpoint = step.endpoint()
                .resolve(names, moment)
                .orElseThrow(() -> OutboundFailure.refused(
                        "step_failed", step.method() + ' ' + step.endpoint() + " needs a value that is missing."));
        var data = step.data().map(value -> StepRules.filled(value, names, moment));
        return Call.to(step.method(), endpoint)
                .headers(headers)
                .body(Body.of(data, Optional.ofNullable(headers.get("content-type"))))
                .baseUrlOverride(step.baseUrlOverride()
                        .map(template -> template.render(names, moment))
                        .orElse(""))
                .timeout(LONGEST_WAIT)
                .build();
    }

    /** Anything but JSON counts as an empty object: many calls are made for their effect. */
    static JsonNode json(OutboundAnswer answer) {
        try {
            return Json.MAPPER.readTree(answer.body().readNBytes(LARGEST_ANSWER));
        } catch (JacksonException _) {
            return Json.object();
        } catch (IOException e) {
            throw OutboundFailure.network("ECONNRESET", "The provider broke off its answer: " + e.getMessage());
        }
    }

    private Operation operation(Connection connection) {
        return new Operation(
                UUID.randomUUID(),
                connection.environmentId(),
                "auth",
                connection.integration(),
                connection.connectionId(),
                Optional.empty(),
                Optional.empty(),
                clock.instant());
    }
}
