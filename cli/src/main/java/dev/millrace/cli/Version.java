package dev.millrace.cli;

import java.io.IOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of Millrace. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        return new String[] {"Millrace " + number() + " on Java " + Runtime.version()};
    }

    /** Written into the jar by the build. */
    static String number() throws IOException {
        try (var in = Version.class.getResourceAsStream("/META-INF/maven/dev.millrace/millrace-cli/pom.properties")) {
            if (in == null) {
                return "(development)";
            }
            var properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        }
    }
}
