package dev.millrace.server.proxy;

import dev.millrace.server.proxy.ProxyFailure.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Names the failures of the network as callers of the contract know them. */
final class NetworkErrors {
    private static final Set<String> RETRYABLE = Set.of(
            "ECONNRESET", "ETIMEDOUT", "ECONNABORTED", "ECONNREFUSED", "EHOSTUNREACH", "EAI_AGAIN", "UND_ERR_SOCKET");

    private NetworkErrors() {}

    static boolean retryable(ProxyFailure failure) {
        return RETRYABLE.contains(failure.code());
    }

    static ProxyFailure of(IOException e, URI uri) {
        var where = uri.getHost() + ':' + Urls.port(uri);
        return switch (e) {
            case HttpConnectTimeoutException _ -> timeout("ETIMEDOUT", "connect ETIMEDOUT " + where, e);
            case HttpTimeoutException _ -> timeout("ECONNABORTED", "timeout exceeded", e);
            case NoRouteToHostException _ -> network("EHOSTUNREACH", "connect EHOSTUNREACH " + where, e);
            case UnknownHostException _ -> network("ENOTFOUND", "getaddrinfo ENOTFOUND " + uri.getHost(), e);
            case ConnectException _
            when cause(e, UnresolvedAddressException.class) != null ->
                network("ENOTFOUND", "getaddrinfo ENOTFOUND " + uri.getHost(), e);
            case ConnectException _ -> network("ECONNREFUSED", "connect ECONNREFUSED " + where, e);
            case SSLException _ -> tls(e, uri);
            default -> network("ECONNRESET", reset(e), e);
        };
    }

    private static String reset(IOException e) {
        var message = String.valueOf(e.getMessage());
        return message.toLowerCase(Locale.ROOT).contains("reset") ? "read ECONNRESET" : "socket hang up";
    }

    private static ProxyFailure tls(IOException e, URI uri) {
        if (cause(e, CertificateExpiredException.class) != null) {
            return network("CERT_HAS_EXPIRED", "certificate has expired", e);
        }
        if (cause(e, CertPathBuilderException.class) != null) {
            return network("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate", e);
        }
        var message = String.valueOf(e.getMessage());
        if (message.contains("No name matching") || message.contains("No subject alternative")) {
            return network(
                    "ERR_TLS_CERT_ALTNAME_INVALID",
                    "Hostname/IP does not match certificate's altnames: " + uri.getHost(),
                    e);
        }
        return network("EPROTO", "TLS failed: " + message, e);
    }

    private static <T extends Throwable> @Nullable T cause(Throwable e, Class<T> type) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
        }
        return null;
    }

    private static ProxyFailure network(String code, String message, IOException cause) {
        return new ProxyFailure(Kind.NETWORK, code, message, cause);
    }

    private static ProxyFailure timeout(String code, String message, IOException cause) {
        return new ProxyFailure(Kind.TIMEOUT, code, message, cause);
    }
}
