package dev.millrace.server.environment;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Json;
import dev.millrace.server.http.Text;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * The appearance of an environment's Connect page.
 *
 * @param lightPrimary the primary colour in light mode, in CSS syntax
 * @param darkPrimary the primary colour in dark mode
 * @param defaultTheme {@code light}, {@code dark} or {@code system}
 */
public record ConnectUiSettings(String lightPrimary, String darkPrimary, String defaultTheme, boolean showWatermark) {
    static final ConnectUiSettings DEFAULTS = new ConnectUiSettings("#00B2E3", "#00B2E3", "system", true);

    private static final List<String> THEMES = List.of("light", "dark", "system");
    /** Colour names, hexadecimal numbers and functions of CSS; no characters that could end a declaration. */
    private static final Text COLOR = Text.matching("^[a-zA-Z0-9#(),.%/ -]{1,64}$");

    ConnectUiSettings changed(Fields fields) {
        var light = lightPrimary;
        var dark = darkPrimary;
        if (fields.has("theme")) {
            var theme = fields.object("theme");
            light = primary(theme, "light", light);
            dark = primary(theme, "dark", dark);
            theme.close();
        }
        return new ConnectUiSettings(
                light,
                dark,
                fields.optionalChoice("defaultTheme", THEMES).orElse(defaultTheme),
                fields.optionalFlag("showWatermark", showWatermark));
    }

    private static String primary(Fields theme, String mode, String before) {
        if (!theme.has(mode)) {
            return before;
        }
        var colors = theme.object(mode);
        var primary = colors.optionalText("primary", COLOR).orElse(before);
        colors.close();
        return primary;
    }

    /** The format of {@code GET /connect/session} and of the settings. */
    public ObjectNode json() {
        var json = Json.object();
        var theme = json.putObject("theme");
        theme.putObject("light").put("primary", lightPrimary);
        theme.putObject("dark").put("primary", darkPrimary);
        return json.put("defaultTheme", defaultTheme).put("showWatermark", showWatermark);
    }
}
