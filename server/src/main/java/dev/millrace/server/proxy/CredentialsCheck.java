package dev.millrace.server.proxy;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.connection.CredentialsTest;
import dev.millrace.server.credential.ApiKey;
import dev.millrace.server.credential.AppToken;
import dev.millrace.server.credential.AwsRole;
import dev.millrace.server.credential.Basic;
import dev.millrace.server.credential.Bill;
import dev.millrace.server.credential.ClientCredentials;
import dev.millrace.server.credential.CredentialTest;
import dev.millrace.server.credential.Credentials;
import dev.millrace.server.credential.None;
import dev.millrace.server.credential.OAuth1Token;
import dev.millrace.server.credential.OAuth2Token;
import dev.millrace.server.credential.SignedJwt;
import dev.millrace.server.credential.StoredCredentials;
import dev.millrace.server.credential.TokenBased;
import dev.millrace.server.credential.TokenFailure;
import dev.millrace.server.credential.TwoStep;
import dev.millrace.server.credential.Wsse;
import dev.millrace.server.integration.Integration;
import dev.millrace.server.outbound.OutboundAnswer;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.ProxyRules;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Optional;

/** Tests new credentials with the verification calls of the provider's definition. Thread-safe. */
public final class CredentialsCheck implements CredentialsTest, CredentialTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final Proxy proxy;
    private final Targets targets;
    private final InstantSource clock;

    public CredentialsCheck(Proxy proxy, Targets targets, InstantSource clock) {
        this.proxy = proxy;
        this.targets = targets;
        this.clock = clock;
    }

    @Override
    public Optional<String> refusal(Integration integration, Connections.Draft draft) throws InterruptedException {
        if (!isTested(draft.credentials())) {
            return Optional.empty();
        }
        var target = targets.of(integration, draft);
        var verification = target.provider().proxy().verification();
        return verification.isEmpty() ? Optional.empty() : refusal(target, verification.get());
    }

    @Override
    public void test(StoredCredentials held) throws InterruptedException {
        if (!isTested(held.credentials())) {
            return;
        }
        var target = targets.of(held);
        var verification = target.provider().proxy().verification();
        if (verification.isPresent()) {
            test(target, verification.get());
        }
    }

    private void test(Target target, ProxyRules.Verification verification) throws InterruptedException {
        var moment = new Moment(clock);
        TokenFailure failure = null;
        for (var template : verification.endpoints()) {
            var call = call(target, verification, template.render(target.names(), moment), moment);
            try (var answer = proxy.send(call, () -> target, Observer.NONE)) {
                if (answer.successful() && isExpected(answer, verification)) {
                    return;
                }
                failure = answer.successful()
                        ? TokenFailure.refused(
                                "connection_test_failed",
                                "The provider does not accept the credentials any" + " more: its answer to " + template
                                        + " says so. The connection must be authorised again.")
                        : failure(answer.status(), verification.method() + ' ' + template);
            } catch (OutboundFailure e) {
                failure = TokenFailure.unavailable(e.code(), "The credentials could not be tested: " + e.getMessage());
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static TokenFailure failure(int status, String call) {
        return status == 401 || status == 403
                ? TokenFailure.refused(
                        "connection_test_failed",
                        "The provider does not accept the credentials any more: " + call + " was answered with "
                                + status + ". The connection must be authorised again.")
                : TokenFailure.unavailable(
                        "status_" + status,
                        "The credentials could not be tested: " + call + " was answered with " + status + '.');
    }

    /** Tokens that the provider has just issued need no test. */
    private static boolean isTested(Credentials credentials) {
        return switch (credentials) {
            case ApiKey _, AwsRole _, Basic _, TokenBased _, SignedJwt _, Wsse _ -> true;
            case AppToken _, Bill _, ClientCredentials _, None _, OAuth1Token _, OAuth2Token _, TwoStep _ -> false;
        };
    }

    /** Credentials are accepted as soon as one of the endpoints accepts them. */
    private Optional<String> refusal(Target target, ProxyRules.Verification verification) throws InterruptedException {
        var moment = new Moment(clock);
        Optional<String> refusal = Optional.empty();
        for (var template : verification.endpoints()) {
            var endpoint = template.render(target.names(), moment);
            refusal = attempt(target, call(target, verification, endpoint, moment), verification)
                    .map(reason -> "The provider did not accept the credentials: " + verification.method() + ' '
                            + template + ' ' + reason + '.');
            if (refusal.isEmpty()) {
                return Optional.empty();
            }
        }
        return refusal;
    }

    private static boolean isExpected(OutboundAnswer answer, ProxyRules.Verification verification) {
        if (verification.expect().isEmpty()) {
            return true;
        }
        var body = DefinedSteps.json(answer);
        return verification.expect().entrySet().stream()
                .allMatch(wanted -> wanted.getValue()
                        .equals(body.at('/' + wanted.getKey().replace('.', '/')).asString("")));
    }

    private Optional<String> attempt(Target target, Call call, ProxyRules.Verification verification)
            throws InterruptedException {
        try (var answer = proxy.send(call, () -> target, Observer.NONE)) {
            if (answer.successful()) {
                return isExpected(answer, verification)
                        ? Optional.empty()
                        : Optional.of("was answered with another text than expected");
            }
            return Optional.of("was answered with " + answer.status());
        } catch (OutboundFailure e) {
            return Optional.of("failed: " + e.getMessage());
        }
    }

    private static Call call(Target target, ProxyRules.Verification verification, String endpoint, Moment moment) {
        var headers = new HashMap<String, String>();
        for (var header : verification.headers()) {
            header.value().resolve(target.names(), moment).ifPresent(value -> headers.put(header.name(), value));
        }
        var base = verification
                .baseUrlOverride()
                .map(template -> template.render(target.names(), moment))
                .orElse("");
        return Call.to(verification.method(), endpoint)
                .headers(headers)
                .body(Body.of(verification.data(), Optional.ofNullable(headers.get("content-type"))))
                .baseUrlOverride(base)
                .timeout(LONGEST_WAIT)
                .build();
    }
}
