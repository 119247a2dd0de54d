package dev.millrace.server.outbound;

import dev.millrace.server.outbound.OutboundFailure.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.TruncatedChunkException;
import org.apache.hc.core5.http.UnsupportedHttpVersionException;
import org.jspecify.annotations.Nullable;

/**
 * Maps network failures to the error codes of Node.js, which callers expect by the contract. The messages contain
 * nothing that a server has sent.
 */
final class NetworkErrors {
    private static final Set<String> RETRYABLE = Set.of(
            "ECONNRESET", "ETIMEDOUT", "ECONNABORTED", "ECONNREFUSED", "EHOSTUNREACH", "EAI_AGAIN", "UND_ERR_SOCKET");

    private NetworkErrors() {}

    static boolean retryable(OutboundFailure failure) {
        return RETRYABLE.contains(failure.code());
    }

    static OutboundFailure connectTimeout(Url url, Exception e) {
        return OutboundFailure.timeout("ETIMEDOUT", "connect ETIMEDOUT " + where(url), e);
    }

    static OutboundFailure timeout(Exception e) {
        return OutboundFailure.timeout("ECONNABORTED", "timeout exceeded", e);
    }

    static OutboundFailure of(Exception e, Url url) {
        return switch (e) {
            case OutboundFailure known -> known;
            case BrokenAnswer broken -> network(broken.code(), String.valueOf(broken.getMessage()), e);
            case IOException io -> io(io, url);
            case UnsupportedHttpVersionException _ ->
                network("HPE_INVALID_VERSION", "Parse Error: Invalid HTTP version", e);
            case HttpException http -> parse(http);
            case RuntimeException bug -> throw bug;
            default -> throw new IllegalStateException(e);
        };
    }

    private static OutboundFailure io(IOException e, Url url) {
        return switch (e) {
            case ConnectTimeoutException _ -> connectTimeout(url, e);
            case SocketTimeoutException _ -> timeout(e);
            case NoRouteToHostException _ -> network("EHOSTUNREACH", "connect EHOSTUNREACH " + where(url), e);
            case UnknownHostException _ -> network("ENOTFOUND", "getaddrinfo ENOTFOUND " + url.bareHost(), e);
            case ConnectException _
            when says(e, "unreachable") -> network("ENETUNREACH", "connect ENETUNREACH " + where(url), e);
            case ConnectException _ -> network("ECONNREFUSED", "connect ECONNREFUSED " + where(url), e);
            case SSLException _ -> tls(e, url);
            case MessageConstraintException _
            when says(e, "empty line") -> network("HPE_INVALID_CONSTANT", "Parse Error: Expected HTTP/", e);
            case MessageConstraintException _ -> network("HPE_HEADER_OVERFLOW", "Parse Error: Header overflow", e);
            case TruncatedChunkException _ -> network("ECONNRESET", "aborted", e);
            case MalformedChunkCodingException _ ->
                network("HPE_INVALID_CHUNK_SIZE", "Parse Error: Invalid character in chunk size", e);
            case ConnectionClosedException _ -> network("ECONNRESET", "socket hang up", e);
            default -> network("ECONNRESET", says(e, "reset") ? "read ECONNRESET" : "socket hang up", e);
        };
    }

    private static OutboundFailure parse(HttpException e) {
        return says(e, "status line") || says(e, "protocol version")
                ? network("HPE_INVALID_CONSTANT", "Parse Error: Expected HTTP/", e)
                : network("HPE_INVALID_HEADER_TOKEN", "Parse Error: Invalid header token", e);
    }

    private static boolean says(Exception e, String word) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains(word);
    }

    private static String where(Url url) {
        return url.host() + ':' + url.effectivePort();
    }

    private static OutboundFailure tls(IOException e, Url url) {
        if (cause(e, CertificateExpiredException.class) != null) {
            return network("CERT_HAS_EXPIRED", "certificate has expired", e);
        }
        if (cause(e, CertPathBuilderException.class) != null) {
            return network("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate", e);
        }
        if (says(e, "no name matching") || says(e, "no subject alternative")) {
            return network(
                    "ERR_TLS_CERT_ALTNAME_INVALID",
                    "Hostname/IP does not match certificate's altnames: " + url.bareHost(),
                    e);
        }
        return network("EPROTO", "TLS failed: " + e.getMessage(), e);
    }

    private static <T extends Throwable> @Nullable T cause(Throwable e, Class<T> type) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
        }
        return null;
    }

    private static OutboundFailure network(String code, String message, Exception cause) {
        return new OutboundFailure(Kind.NETWORK, code, message, cause);
    }
}
