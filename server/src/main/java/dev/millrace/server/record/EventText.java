package dev.millrace.server.record;

import dev.millrace.server.vault.Vault;

/** Writes records as server-sent events: the cursor is the id, the record on one line the data. */
final class EventText extends RecordJson {
    // A stream keeps a page in memory while its client takes it, so pages are small here.
    private static final int LARGEST = 256 * 1024;

    EventText(Vault vault) {
        super(vault);
    }

    @Override
    void before(Bytes out) {
        out.latin("id: ").latin(last().cursor()).latin("\ndata: ");
    }

    @Override
    void after(Bytes out, int start) {
        // Stored texts may have line breaks between their tokens (in strings they are escaped); one would end the data.
        var bytes = out.array();
        for (int i = start; i < out.length(); i++) {
            if (bytes[i] == '\n' || bytes[i] == '\r') {
                bytes[i] = ' ';
            }
        }
        out.latin("\n\n");
    }

    @Override
    int largest() {
        return LARGEST;
    }

    @Override
    void end(Bytes out) {}
}
