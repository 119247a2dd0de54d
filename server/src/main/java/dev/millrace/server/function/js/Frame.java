package dev.millrace.server.function.js;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A message between the platform and a worker; runtime/PROTOCOL.md describes each type. */
record Frame(int type, int execution, int call, byte[] head, byte[] body) {
    static final int RUN = 1;
    static final int REPLY = 2;
    static final int ERROR_REPLY = 3;
    static final int ABORT = 4;
    static final int SHUTDOWN = 6;
    static final int PART = 7;
    static final int READY = 16;
    static final int CALL = 17;
    static final int NOTIFY = 18;
    static final int DONE = 19;
    static final int FAILED = 20;
    static final int HEARTBEAT = 21;
    static final int ENTER = 22;

    /** The maximum size of a frame, without its length field. */
    static final int LARGEST = 512 * 1024 * 1024;

    private static final int HEADER = 17;
    /** The size of the header that the length field includes. */
    private static final int COUNTED = HEADER - Integer.BYTES;
    /** Larger bodies grow while they arrive, so that a forged length cannot make the server allocate memory. */
    private static final int ALLOCATED_AT_ONCE = 4 * 1024 * 1024;

    private static final byte[] EMPTY_HEAD = "{}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NO_BODY = new byte[0];

    /** Whether it is a call of a function. */
    boolean answers() {
        return type == REPLY || type == PART;
    }

    /** A part of a long response. */
    static Frame part(int execution, int call, byte[] piece) {
        return new Frame(PART, execution, call, EMPTY_HEAD, piece);
    }

    static Frame bare(int type, int execution) {
        return new Frame(type, execution, 0, EMPTY_HEAD, NO_BODY);
    }

    /**
     * Reads a frame from a worker.
     *
     * @throws MalformedFrame when it is not a valid frame
     */
    static Frame read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < COUNTED || length > LARGEST) {
            throw new MalformedFrame("a length of " + Integer.toUnsignedString(length));
        }
        int type = in.readUnsignedByte();
        if (type < READY || type > ENTER) {
            throw new MalformedFrame("type " + type + ", which workers do not send");
        }
        int execution = in.readInt();
        int call = in.readInt();
        int headLength = in.readInt();
        int rest = length - COUNTED;
        if (headLength < 0 || headLength > rest) {
            throw new MalformedFrame("a head of " + Integer.toUnsignedString(headLength) + " bytes in a frame of type "
                    + type + " that has " + rest + " bytes left");
        }
        return new Frame(type, execution, call, bytes(in, headLength), bytes(in, rest - headLength));
    }

    private static byte[] bytes(DataInputStream in, int count) throws IOException {
        if (count == 0) {
            return NO_BODY;
        }
        if (count <= ALLOCATED_AT_ONCE) {
            var bytes = new byte[count];
            in.readFully(bytes);
            return bytes;
        }
        var bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("The stream ended within a frame");
        }
        return bytes;
    }

    /** Writes header and head together, and the body without copying it. */
    void write(OutputStream out) throws IOException {
        var start = ByteBuffer.allocate(HEADER + head.length);
        start.putInt(COUNTED + head.length + body.length);
        start.put((byte) type).putInt(execution).putInt(call).putInt(head.length);
        start.put(head);
        out.write(start.array());
        out.write(body);
    }
}
