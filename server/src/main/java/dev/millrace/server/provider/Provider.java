package dev.millrace.server.provider;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** One third-party API as its definition describes it. Immutable and thread-safe. */
public final class Provider {
    private final String name;
    private final ObjectNode definition;
    private final AuthMode authMode;
    private volatile @Nullable ProxyRules proxy;

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

    /** The definition after alias resolution, keys in their order. Not to be changed. */
    public ObjectNode definition() {
        return definition;
    }

    /** The definition as {@code GET /providers} serves it. */
    public ObjectNode shown(String publicUrl) {
        var shown = definition.objectNode();
        shown.setAll(definition);
        return shown.put("name", name).put("logo_url", logoUrl(publicUrl));
    }

    public String logoUrl(String publicUrl) {
        return publicUrl + "/images/template-logos/" + name + ".svg";
    }

    /** A non-empty text of the definition's top level. */
    public Optional<String> text(String key) {
        return definition.path(key).stringValueOpt().filter(value -> !value.isEmpty());
    }

    /** An object of the definition's top level, such as {@code connection_config}. */
    public Optional<ObjectNode> block(String key) {
        return definition.get(key) instanceof ObjectNode block ? Optional.of(block) : Optional.empty();
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

    /**
     * Checks an integration's {@code integration_config} and gives what to store: on creation with
     * defaults applied; otherwise the given fields alone, an empty text meaning that the stored value goes.
     */
    public ObjectNode checkConfig(ObjectNode given, boolean creating) {
        return ConfigCheck.check(this, given, creating);
    }
}
