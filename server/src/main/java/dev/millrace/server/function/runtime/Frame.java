package dev.millrace.server.function.runtime;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One message between the platform and a worker; runtime/PROTOCOL.md explains each. */
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

    private static final int HEADER = 17;
    private static final int LARGEST = 512 * 1024 * 1024;
    private static final byte[] EMPTY_HEAD = "{}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NO_BODY = new byte[0];

    /** Whether it carries what a function asked for. */
    boolean answers() {
        return type == REPLY || type == PART;
    }

    /** A piece of a long answer. */
    static Frame part(int execution, int call, byte[] piece) {
        return new Frame(PART, execution, call, EMPTY_HEAD, piece);
    }

    static Frame bare(int type, int execution) {
        return new Frame(type, execution, 0, EMPTY_HEAD, NO_BODY);
    }

    static Frame read(DataInputStream in) throws IOException {
        int length = in.readInt();
        int type = in.readUnsignedByte();
        int execution = in.readInt();
        int call = in.readInt();
        int headLength = in.readInt();
        int bodyLength = length - (HEADER - Integer.BYTES) - headLength;
        if (length > LARGEST || headLength < 0 || bodyLength < 0) {
            throw new IOException("A worker sent a frame of impossible size: " + length);
        }
        return new Frame(type, execution, call, in.readNBytes(headLength), in.readNBytes(bodyLength));
    }

    /** The frame as the socket wants it: a small buffer, and the body as it is. */
    ByteBuffer[] buffers() {
        var start = ByteBuffer.allocate(HEADER + head.length);
        start.putInt(HEADER - Integer.BYTES + head.length + body.length);
        start.put((byte) type).putInt(execution).putInt(call).putInt(head.length);
        start.put(head).flip();
        return new ByteBuffer[] {start, ByteBuffer.wrap(body)};
    }
}
