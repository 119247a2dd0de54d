package dev.millrace.server.provider;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A third-party API, described by its definition. Immutable and thread-safe. */
public final class Provider {
    private final String name;
    private final ObjectNode definition;
    private final AuthMode authMode;
    private volatile @Nullable ProxyRules proxy;
    private volatile @Nullable WebhookRules webhook;

    Provider(String name, ObjectNode definition) {
        this.name = name;
        this.definition = definition;
        this.authMode = AuthMode.valueOf(definition.path("auth_mode").asString(""));
    }

    public String name() {
        return name;
    }

    public String displayName() {
        return text("display_name").orElse(name);
    }

    public AuthMode authMode() {
        return authMode;
    }

    /** The definition after alias resolution, keys in their order. Must not be modified. */
    public ObjectNode definition() {
        return definition;
    }

    /** The definition in the form that {@code GET /providers} returns. */
    public ObjectNode shown(String publicUrl) {
        var shown = definition.objectNode();
        shown.setAll(definition);
        return shown.put("name", name).put("logo_url", logoUrl(publicUrl));
    }

    public String logoUrl(String publicUrl) {
        return publicUrl + "/images/template-logos/" + name + ".svg";
    }

    /** A non-empty top-level text of the definition. */
    public Optional<String> text(String key) {
        return definition.path(key).stringValueOpt().filter(value -> !value.isEmpty());
    }

    /** A top-level object of the definition, such as {@code connection_config}. */
    public Optional<ObjectNode> block(String key) {
        return definition.get(key) instanceof ObjectNode block ? Optional.of(block) : Optional.empty();
    }

    /**
     * The names of {@code connection_config} whose values come from the provider. A field that people are asked for is
     * none of them.
     */
    public Set<String> told() {
        var names = new HashSet<String>();
        for (var list : List.of("token_response_metadata", "webhook_response_metadata")) {
            definition.path(list).forEach(name -> names.add(name.asString("")));
        }
        names.addAll(definition.path("installation_webhook").path("keep").propertyNames());
        names.addAll(
                definition.path("post_connection").path("connection_config").propertyNames());
        for (var field : definition.path("connection_config").properties()) {
            if (field.getValue().path("automated").asBoolean(false)) {
                names.add(field.getKey());
            } else {
                names.remove(field.getKey());
            }
        }
        return names;
    }

    public Optional<ObjectNode> integrationConfig() {
        return block("integration_config");
    }

    public ProxyRules proxy() {
        var known = proxy;
        if (known == null) {
            known = ProxyRules.of(definition.path("proxy"));
            proxy = known;
        }
        return known;
    }

    /** Whether integrations have a URL at which webhooks arrive. An empty script turns inherited webhooks off. */
    public boolean receivesWebhooks() {
        return text("webhook_routing_script").isPresent()
                || (definition.has("webhook") && !definition.has("webhook_routing_script"));
    }

    /** The block {@code webhook}. */
    public Optional<WebhookRules> webhook() {
        var known = webhook;
        if (known == null && definition.has("webhook")) {
            known = WebhookReader.read(definition.get("webhook"));
            webhook = known;
        }
        return Optional.ofNullable(known);
    }

    /**
     * Validates an integration's {@code integration_config} and returns what to store. On creation defaults are added.
     * On a change only the given fields are returned; an empty text means that the stored value is removed.
     */
    public ObjectNode checkConfig(ObjectNode given, boolean creating) {
        return ConfigCheck.check(this, given, creating);
    }
}
