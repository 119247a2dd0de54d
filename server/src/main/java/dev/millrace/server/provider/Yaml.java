package dev.millrace.server.provider;

import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The YAML parser. It is a class of its own, so that the library is loaded only when it is needed. */
final class Yaml {
    private static final int LARGEST_FILE = 64 * 1024 * 1024;

    static final YAMLMapper MAPPER = YAMLMapper.builder(YAMLFactory.builder()
                    .loadSettings(LoadSettings.builder()
                            .setCodePointLimit(LARGEST_FILE)
                            .setParseComments(false)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build();

    private Yaml() {}
}
