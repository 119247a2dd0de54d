package dev.millrace.cli.crm;

import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;

/** All contacts of the CRM by id. Thread-safe. */
final class Contacts {
    private static final int USUAL_SIZE = 260;

    private final ConcurrentSkipListMap<String, Contact> byId = new ConcurrentSkipListMap<>();

    Contacts(int count) {
        for (int number = 1; number <= count; number++) {
            put(Contact.generate(number));
        }
    }

    Optional<Contact> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    void put(Contact contact) {
        byId.put(contact.id(), contact);
    }

    boolean remove(String id) {
        return byId.remove(id) != null;
    }

    /** A page as JSON text: the contacts after the cursor, up to the limit. */
    byte[] page(String cursor, int limit, Predicate<Contact> filter) {
        var out = new ByteArrayOutputStream(limit * USUAL_SIZE);
        write(out, "{\"data\":[");
        String last = null;
        int written = 0;
        boolean more = false;
        for (var contact : byId.tailMap(cursor, false).values()) {
            if (!filter.test(contact)) {
                continue;
            }
            if (written == limit) {
                more = true;
                break;
            }
            if (written++ > 0) {
                out.write(',');
            }
            out.writeBytes(contact.json());
            last = contact.id();
        }
        write(out, more ? "],\"next_cursor\":\"" + last + "\"}" : "],\"next_cursor\":null}");
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, String ascii) {
        out.writeBytes(ascii.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
}
