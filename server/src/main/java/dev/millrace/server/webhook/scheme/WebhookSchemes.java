package dev.millrace.server.webhook.scheme;

import dev.millrace.server.outbound.Outbound;
import dev.millrace.server.provider.Provider;
import dev.millrace.server.provider.WebhookRules;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Entry point: creates the scheme of a provider from its definition. Thread-safe. */
public final class WebhookSchemes {
    private static final String SUFFIX = "WebhookRouting";

    private final Function<String, Optional<Provider>> providers;
    private final Clock clock;
    private final GoogleTokens google;
    private final ConnectwiseKeys connectwise;

    /** Schemes that need code besides the rules of the definition, by the name of the routing script. */
    private final Map<String, Function<WebhookRules, WebhookScheme>> coded = Map.of(
            "hubspot" + SUFFIX, this::hubspot,
            "microsoft" + SUFFIX, rules -> new GraphNotifications(declared(rules), false, false),
            "outlook" + SUFFIX, rules -> new GraphNotifications(declared(rules), true, true),
            "githubApp" + SUFFIX, rules -> new GithubApp(declared(rules), false),
            "githubAppOauth" + SUFFIX, rules -> new GithubApp(declared(rules), true),
            "connectwisePsa" + SUFFIX, this::connectwise);

    /**
     * Schemes that the settings of the integration describe: the kind of signature by the name of the routing script.
     */
    private static final Map<String, String> CONFIGURED =
            Map.of("webhookHmac" + SUFFIX, "hmac", "webhookToken" + SUFFIX, "token");

    /** @param providers finds a provider by its name */
    public WebhookSchemes(Function<String, Optional<Provider>> providers, Outbound outbound, Clock clock) {
        this(
                providers,
                new GoogleTokens(new KeySet(outbound, KeySet.OF_GOOGLE), clock),
                new ConnectwiseKeys(url -> new KeySet(outbound, url).fetch(), clock),
                clock);
    }

    WebhookSchemes(
            Function<String, Optional<Provider>> providers,
            GoogleTokens google,
            ConnectwiseKeys connectwise,
            Clock clock) {
        this.providers = providers;
        this.google = google;
        this.connectwise = connectwise;
        this.clock = clock;
    }

    /**
     * Returns the scheme of the provider. Empty if its definition has no {@code webhook} block and names no routing
     * script; its webhooks are then not accepted.
     */
    public Optional<WebhookScheme> of(Provider provider) {
        if (!provider.receivesWebhooks()) {
            return Optional.empty();
        }
        var script = provider.text("webhook_routing_script");
        var rules = provider.webhook().or(() -> script.flatMap(this::named));
        var kind = script.flatMap(name -> Optional.ofNullable(CONFIGURED.get(name)));
        if (kind.isPresent()) {
            return Optional.of(new ConfiguredScheme(kind.get(), this::declared));
        }
        var code = script.flatMap(name -> Optional.ofNullable(coded.get(name)));
        if (code.isPresent()) {
            return rules.map(code.get());
        }
        return rules.map(this::declared)
                .map(scheme -> rules.get().signatures().isEmpty() ? new SharedSecret(scheme) : scheme)
                .map(scheme -> provider.block("installation_webhook").isPresent()
                        ? new InstallationCode(scheme, provider.definition())
                        : scheme);
    }

    /** The rules of the provider whose name the script contains. */
    private Optional<WebhookRules> named(String script) {
        return WebhookRules.providerOf(script).flatMap(providers).flatMap(Provider::webhook);
    }

    private WebhookScheme declared(WebhookRules rules) {
        return new DeclaredScheme(rules, clock, google);
    }

    private WebhookScheme connectwise(WebhookRules rules) {
        return new Connectwise(declared(rules), connectwise);
    }

    private WebhookScheme hubspot(WebhookRules rules) {
        var signatures = new SignatureCheck(rules.signatures(), clock, google);
        return new DeclaredScheme(rules, signatures, HubspotEvents::arranged);
    }
}
