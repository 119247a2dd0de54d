package dev.millrace.server.outbound;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.compressors.z.ZCompressorInputStream;
import org.brotli.dec.BrotliInputStream;
import org.jspecify.annotations.Nullable;

/** The decompressed form of a body. Nothing is read before the first read, so headers are available at once. */
final class Decoded extends InputStream {
    private final InputStream source;
    private final Encoding encoding;
    private @Nullable InputStream clear;
    private boolean ended;

    /** The supported encodings. */
    enum Encoding {
        GZIP,
        DEFLATE,
        BROTLI,
        LZW;

        static Optional<Encoding> of(String header) {
            return switch (header.strip().toLowerCase(Locale.ROOT)) {
                case "gzip", "x-gzip" -> Optional.of(GZIP);
                case "deflate" -> Optional.of(DEFLATE);
                case "br" -> Optional.of(BROTLI);
                case "compress", "x-compress" -> Optional.of(LZW);
                default -> Optional.empty();
            };
        }
    }

    Decoded(InputStream source, Encoding encoding) {
        this.source = source;
        this.encoding = encoding;
    }

    private InputStream clear() throws IOException {
        var known = clear;
        if (known == null) {
            known = open();
            clear = known;
        }
        return known;
    }

    private InputStream open() throws IOException {
        var peeked = new BufferedInputStream(source);
        peeked.mark(2);
        int first = peeked.read();
        peeked.reset();
        if (first < 0) {
            return InputStream.nullInputStream();
        }
        return switch (encoding) {
            case GZIP -> new GZIPInputStream(peeked);
            case BROTLI -> new BrotliInputStream(peeked);
            case LZW -> new ZCompressorInputStream(peeked);
            // Some servers send raw deflate data under this name. The low four bits of a zlib header are 8.
            case DEFLATE -> new InflaterInputStream(peeked, new Inflater((first & 0x0f) != 8));
        };
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (ended) {
            return -1;
        }
        int count = decode(into, from, length);
        if (count < 0) {
            ended = true;
            // The connection can be reused only if the whole body was read.
            source.transferTo(OutputStream.nullOutputStream());
        }
        return count;
    }

    private int decode(byte[] into, int from, int length) throws IOException {
        try {
            return clear().read(into, from, length);
        } catch (BodyFailure e) {
            throw e;
        } catch (EOFException e) {
            throw new BodyFailure(OutboundFailure.network("Z_BUF_ERROR", "unexpected end of file"));
        } catch (IOException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw new BodyFailure(OutboundFailure.network("Z_DATA_ERROR", "the compressed body is damaged"));
        }
    }

    @Override
    public int available() throws IOException {
        return clear == null || ended ? 0 : source.available();
    }

    @Override
    public void close() throws IOException {
        (clear == null ? source : clear).close();
    }
}
