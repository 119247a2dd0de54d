package dev.millrace.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Creates the command objects and passes the environment to those that read it. */
final class Commands implements IFactory {
    private final Map<String, String> environment;

    Commands(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type == ServerOptions.class) {
            return type.cast(new ServerOptions(environment));
        }
        if (type == KeysOptions.class) {
            return type.cast(new KeysOptions(environment));
        }
        if (type == DatabaseOptions.class) {
            return type.cast(new DatabaseOptions(environment));
        }
        if (type == ClientOptions.class) {
            return type.cast(new ClientOptions(environment));
        }
        return CommandLine.defaultFactory().create(type);
    }
}
