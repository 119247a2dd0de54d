package dev.millrace.server.credential;

import dev.millrace.server.http.Json;
import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.provider.Moment;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ObjectNode;

/** Obtains tokens for credentials: from the provider, or by signing. Thread-safe. */
public final class TokenCalls {
    private final InstantSource clock;
    private final RandomGenerator random;
    private final AuthorizationCodeGrant codes;
    private final OAuth2Refresh oauth2;
    private final ClientCredentialsGrant clientCredentials;
    private final TwoStepLogin twoStep;
    private final BillLogin bill;
    private final InstallationToken app;

    public TokenCalls(Outbound outbound, InstantSource clock, RandomGenerator random) {
        var endpoint = new TokenEndpoint(outbound);
        this.clock = clock;
        this.random = random;
        codes = new AuthorizationCodeGrant(endpoint);
        oauth2 = new OAuth2Refresh(endpoint);
        clientCredentials = new ClientCredentialsGrant(endpoint);
        twoStep = new TwoStepLogin(endpoint);
        bill = new BillLogin(endpoint);
        app = new InstallationToken(endpoint);
    }

    /**
     * The first token of an authorisation.
     *
     * @throws TokenFailure when the provider does not return one
     */
    public OAuth2Token exchange(TokenContext context, AuthorizationCode code) throws InterruptedException {
        return codes.exchange(context, code, new Moment(clock));
    }

    /**
     * The same credentials with a new token; credentials without tokens are returned unchanged.
     *
     * @throws TokenFailure when no token can be obtained
     */
    public Credentials renew(TokenContext context, Credentials credentials) throws InterruptedException {
        return renew(context, credentials, Json.object());
    }

    /** @param options values that the person enters for this login only: {@code assertionOption} */
    public Credentials renew(TokenContext context, Credentials credentials, ObjectNode options)
            throws InterruptedException {
        var moment = new Moment(clock);
        return switch (credentials) {
            case OAuth2Token old -> oauth2.renew(context, old, moment);
            case ClientCredentials old -> clientCredentials.renew(context, old, moment);
            case TwoStep old -> twoStep.renew(context, old, options, moment);
            case SignedJwt old -> JwtGeneration.renew(context, old, moment);
            case Wsse old -> WsseSigning.renew(context, old, moment, random);
            case Bill old -> bill.renew(context, old, moment);
            case AppToken old -> app.renew(context, old, moment);
            case AwsRole _ ->
                throw TokenFailure.impossible("unsupported_auth", "Sessions of AWS roles are not possible yet.");
            case ApiKey _, Basic _, None _, OAuth1Token _, TokenBased _ -> credentials;
        };
    }
}
