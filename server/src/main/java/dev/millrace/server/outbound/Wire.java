package dev.millrace.server.outbound;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.CharCodingConfig;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpRequestWriter;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.http.io.SessionOutputBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes requests and reads responses of one connection. It sends no request while there is unread input: that would be
 * taken for the response, and may belong to another request.
 */
final class Wire {
    private static final int MOST_HEADERS = 1000;
    private static final int LONGEST_LINE = 256 * 1024;
    private static final int BUFFER = 16 * 1024;
    private static final Http1Config HTTP = Http1Config.custom()
            .setMaxLineLength(LONGEST_LINE)
            .setMaxHeaderCount(MOST_HEADERS)
            .setMaxEmptyLineCount(2)
            .setBufferSize(BUFFER)
            .build();
    private static final CharCodingConfig BYTES =
            CharCodingConfig.custom().setCharset(ISO_8859_1).build();

    private @Nullable SessionInputBuffer buffer;
    private @Nullable InputStream source;

    private Wire() {}

    static ManagedHttpClientConnection connection(Socket socket) throws IOException {
        var wire = new Wire();
        var writer = wire.new Writer();
        var parser = wire.new Parser();
        return ManagedHttpClientConnectionFactory.builder()
                .http1Config(HTTP)
                .charCodingConfig(BYTES)
                .incomingContentLengthStrategy(Framing.OF_ANSWERS)
                .requestWriterFactory(() -> writer)
                .responseParserFactory(_ -> parser)
                .build()
                .createConnection(socket);
    }

    private boolean surplus() throws IOException {
        var read = buffer;
        var rest = source;
        return (read != null && read.length() > 0) || (rest != null && rest.available() > 0);
    }

    private final class Writer extends DefaultHttpRequestWriter {
        @Override
        public void write(ClassicHttpRequest request, SessionOutputBuffer out, java.io.OutputStream stream)
                throws IOException, HttpException {
            if (surplus()) {
                throw new StaleConnection();
            }
            super.write(request, out, stream);
        }
    }

    private final class Parser extends DefaultHttpResponseParser {
        Parser() {
            super(HTTP);
        }

        @Override
        public ClassicHttpResponse parse(SessionInputBuffer in, InputStream stream) throws IOException, HttpException {
            buffer = in;
            source = stream;
            try {
                return super.parse(in, new Head(stream));
            } catch (IllegalArgumentException e) {
                // The library reports numbers that are out of range this way.
                throw new BrokenAnswer("HPE_INVALID_CONSTANT", "Parse Error: Expected HTTP/");
            }
        }
    }

    /** The end of the stream is not the end of a line, so that a partial head is not taken for a complete one. */
    private static final class Head extends FilterInputStream {
        Head(InputStream source) {
            super(source);
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int count = super.read(into, from, length);
            if (count < 0) {
                throw new ConnectionClosedException("The head of the response is incomplete");
            }
            return count;
        }
    }
}
