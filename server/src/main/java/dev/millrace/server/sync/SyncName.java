package dev.millrace.server.sync;

import dev.millrace.server.http.Fields;
import dev.millrace.server.http.Text;
import java.util.ArrayList;
import java.util.List;

/** The name of a sync of a connection: {@code "name"}, {@code "name::variant"} or {@code {"name","variant"}}. */
public record SyncName(String name, String variant) {
    /** The variant of a sync that has no others. */
    public static final String BASE = "base";

    static SyncName of(String text) {
        int mark = text.indexOf("::");
        return mark < 0 ? new SyncName(text, BASE) : new SyncName(text.substring(0, mark), text.substring(mark + 2));
    }

    /** The names in a list; invalid ones are reported as issues of the field. */
    static List<SyncName> read(Fields fields, String field) {
        var names = new ArrayList<SyncName>();
        var list = fields.array(field);
        for (int i = 0; i < list.size(); i++) {
            var item = list.get(i);
            if (item.isString()) {
                names.add(of(item.stringValue()));
            } else if (item.isObject()) {
                var named = fields.item(field, i, item);
                names.add(new SyncName(named.text("name", Text.NAME), named.text("variant", Text.NAME)));
                named.close();
            } else {
                fields.issue("invalid_union", "Invalid input", field, String.valueOf(i));
            }
        }
        return names;
    }
}
