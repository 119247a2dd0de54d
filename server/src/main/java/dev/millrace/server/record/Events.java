package dev.millrace.server.record;

/**
 * A page of records as server-sent events.
 *
 * @param last of the last record, if there is one
 * @param more whether more records follow at this moment
 */
record Events(byte[] text, int count, Position last, boolean more) {
    static final Events NONE = new Events(new byte[0], 0, Position.START, false);
}
