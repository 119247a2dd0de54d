package dev.millrace.server.provider;

import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The reader of YAML; a class of its own, so that it is not loaded before something is read. */
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

    /** The pieces of a map, one for each line that is not indented. */
    static List<String> cut(String text) {
        var pieces = new ArrayList<String>();
        int start = -1;
        for (int line = 0; line < text.length(); line = next(text, line)) {
            char first = text.charAt(line);
            if (first != ' ' && first != '#' && first != '\n') {
                if (start >= 0) {
                    pieces.add(text.substring(start, line));
                }
                start = line;
            }
        }
        if (start >= 0) {
            pieces.add(text.substring(start));
        }
        return pieces;
    }

    private static int next(String text, int line) {
        int end = text.indexOf('\n', line);
        return end < 0 ? text.length() : end + 1;
    }
}
