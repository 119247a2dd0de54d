package dev.millrace.server.http;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamContext;

/** Says where a body is not acceptable JSON and how to correct it. */
final class JsonFault {
    private static final String CODE = "invalid_json";
    private static final String HALF =
            "has a name with half of a surrogate pair, which cannot be stored: send the whole character or leave the half out";
    private static final String NUL = "has a name with a NUL character, which cannot be stored: leave it out";

    private JsonFault() {}

    /** @param at where the parser stopped */
    static Failure of(TokenStreamContext at, JacksonException fault) {
        var said = String.valueOf(fault.getOriginalMessage());
        boolean inName = said.contains("in property name") || said.contains("included in name");
        var path = path(inName ? at.getParent() : at);
        var place = path.isEmpty() ? "" : " at " + String.join(".", path);
        if (!inName) {
            return Failure.plain(400, CODE, "The body is not valid JSON" + place + ": " + said);
        }
        var why = ofName(said);
        var details = Json.object();
        var item = details.putArray("errors").addObject().put("code", CODE).put("message", why);
        var steps = item.putArray("path");
        path.forEach(steps::add);
        return new Failure.Plain(400, CODE, "The object" + place + ' ' + why + '.', details);
    }

    private static String ofName(String said) {
        if (said.contains("surrogate")) {
            return HALF;
        }
        return said.contains("code 0)") ? NUL : "has a name that is not valid JSON: " + said;
    }

    private static List<String> path(@Nullable TokenStreamContext from) {
        var path = new ArrayDeque<String>();
        for (var at = from; at != null; at = at.getParent()) {
            if (at.inObject() && at.currentName() != null) {
                path.addFirst(Storable.text(at.currentName()));
            } else if (at.inArray()) {
                path.addFirst(String.valueOf(at.getCurrentIndex()));
            }
        }
        return List.copyOf(path);
    }
}
