package dev.millrace.server.environment;

import java.util.List;
import java.util.stream.Stream;

/** The existing scopes, and which texts grant them. */
public final class Scopes {
    /** All scopes of an environment's keys. */
    public static final List<String> ENVIRONMENT = Stream.of(
                    "integrations:list",
                    "integrations:list_credentials",
                    "integrations:list_functions",
                    "integrations:read",
                    "integrations:read_credentials",
                    "integrations:create",
                    "integrations:update",
                    "integrations:delete",
                    "connections:list",
                    "connections:list_credentials",
                    "connections:read",
                    "connections:read_credentials",
                    "connections:create",
                    "connections:update",
                    "connections:delete",
                    "connect_sessions:write",
                    "agent_sessions:write",
                    "syncs:read",
                    "syncs:execute",
                    "syncs:update",
                    "syncs:variant:create",
                    "syncs:variant:delete",
                    "functions:list",
                    "functions:read",
                    "functions:delete",
                    "functions:compile",
                    "functions:dryrun",
                    "functions:invocations",
                    "deploy",
                    "records:read",
                    "records:write",
                    "logs:read",
                    "actions:execute",
                    "proxy",
                    "variables:read",
                    "variables:write",
                    "settings:read",
                    "settings:write",
                    "webhook_signing_key:rotate",
                    "webhooks:read",
                    "webhooks:replay",
                    "mcp")
            .map(name -> "environment:" + name)
            .toList();

    /** All scopes of account keys. */
    public static final List<String> ACCOUNT = Stream.of(
                    "list",
                    "create",
                    "delete",
                    "set_production",
                    "api_keys:list",
                    "api_keys:read",
                    "api_keys:create",
                    "api_keys:delete")
            .map(name -> "account:environments:" + name)
            .toList();

    static final String WHOLE_ENVIRONMENT = "environment:*";
    static final String WHOLE_ACCOUNT = "account:*";

    private Scopes() {}

    /** Whether the text is a scope of an environment, or a wildcard above at least one of them. */
    public static boolean grantsInEnvironment(String text) {
        return ENVIRONMENT.contains(text)
                || (text.endsWith(":*")
                        && ENVIRONMENT.stream().anyMatch(s -> s.startsWith(text.substring(0, text.length() - 1))));
    }
}
