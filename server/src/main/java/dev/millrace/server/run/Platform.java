package dev.millrace.server.run;

import dev.millrace.server.connection.Connections;
import dev.millrace.server.connection.FreshConnections;
import dev.millrace.server.environment.EnvironmentSettings;
import dev.millrace.server.environment.Variables;
import dev.millrace.server.integration.IntegrationView;
import dev.millrace.server.metadata.Metadata;
import dev.millrace.server.proxy.Proxy;
import dev.millrace.server.proxy.Targets;
import dev.millrace.server.record.Records;
import java.time.Clock;

/** The services that a running function may use. */
public record Platform(
        Connections connections,
        FreshConnections fresh,
        Metadata metadata,
        IntegrationView integrationView,
        Variables variables,
        EnvironmentSettings settings,
        Records records,
        Proxy proxy,
        Targets targets,
        ModelChecks checks,
        Clock clock) {}
