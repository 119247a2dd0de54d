import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Compiles the definitions that come with the server from YAML to JSON, which is read many times faster: a file for each,
 * and an index of their names. Run by the build: {@code java CompileDefinitions.java OUTPUT INPUT}, both folders.
 */
final class CompileDefinitions {
    private static final String ENDING = ".yaml";

    private CompileDefinitions() {}

    public static void main(String[] arguments) throws IOException {
        var output = Files.createDirectories(Path.of(arguments[0]));
        var yaml = YAMLMapper.builder(YAMLFactory.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build())
                .build();
        var names = new ArrayList<String>();
        try (var files = Files.list(Path.of(arguments[1]))) {
            files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(ENDING))
                    .map(file -> file.substring(0, file.length() - ENDING.length()))
                    .sorted()
                    .forEach(names::add);
        }
        for (var name : names) {
            var file = Path.of(arguments[1], name + ENDING);
            var definitions = yaml.readTree(Files.readString(file));
            if (definitions.size() != 1 || !definitions.has(name)) {
                throw new IllegalArgumentException(
                        file + " must hold one definition, '" + name + "', not " + definitions.propertyNames());
            }
            Files.writeString(output.resolve(name + ".json"), JsonMapper.shared().writeValueAsString(definitions.get(name)));
        }
        Files.write(output.resolve("index"), names);
    }
}
