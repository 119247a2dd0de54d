package dev.millrace.server.record;

import java.util.List;

/** The ids of records, as the database can hold them. */
final class Ids {
    private Ids() {}

    /** Half a surrogate pair has no UTF-8. */
    static boolean storable(String id) {
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < id.length() && Character.isLowSurrogate(id.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return false;
            }
        }
        return true;
    }

    /** The ids under which records asked for are stored; those that no record can have are left out. */
    static String[] stored(List<String> asked) {
        return asked.stream()
                .map(id -> id.replace("\0", ""))
                .filter(Ids::storable)
                .toArray(String[]::new);
    }
}
