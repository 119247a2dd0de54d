package dev.millrace.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.credential.AwsRole;
import dev.millrace.server.credential.signature.AwsSignature;
import dev.millrace.server.outbound.OutboundFailure;
import dev.millrace.server.outbound.Url;
import dev.millrace.server.provider.Moment;
import dev.millrace.server.provider.Names;
import dev.millrace.server.provider.Template;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Builds the headers of a call; later steps override earlier ones. An instance serves one call. */
final class HeaderBuilder {
    /** The User-Agent of this server. */
    static final String PRODUCT = "millrace";

    private final Call call;
    private final Target target;
    private final Names names;
    private final Moment moment;
    private final Map<String, String> headers = new HashMap<>();
    private final Set<String> secret = new HashSet<>();

    HeaderBuilder(Call call, Target target, Names names, Moment moment) {
        this.call = call;
        this.target = target;
        this.names = names;
        this.moment = moment;
    }

    /** @param secret the names of headers that contain credentials */
    record Headers(Map<String, String> all, Set<String> secret) {}

    Headers build(Url uri, Body body) {
        headers.put("accept", "application/json, text/plain, */*");
        headers.put("accept-encoding", "gzip, compress, deflate, br");
        headers.put("user-agent", PRODUCT);
        if (!body.type().isEmpty()) {
            headers.put("content-type", body.type());
        }
        new Authorization(target, moment)
                .header(call.method(), uri, form(body))
                .ifPresent(value -> putSecret("authorization", value));
        boolean ownAgent = define(new RequestNames(call, uri, body, moment).or(names));
        GenericKey.of(target)
                .filter(key -> !key.inQuery())
                .ifPresent(key -> putSecret(key.name(), key.value(names, moment)));
        for (var given : call.headers().entrySet()) {
            if (!ownAgent || !given.getKey().equals("user-agent")) {
                headers.put(given.getKey(), given.getValue());
            }
        }
        if (body instanceof Body.None) {
            headers.remove("content-type");
        }
        if (target.credentials() instanceof AwsRole role) {
            signForAws(role, uri, body);
        }
        return new Headers(headers, secret);
    }

    /** Comes last: all headers are signed. */
    private void signForAws(AwsRole role, Url uri, Body body) {
        if (role.accessKeyId().isEmpty()) {
            throw OutboundFailure.refused("unsupported_auth", "The connection has no session of its AWS role yet.");
        }
        new AwsSignature(role.accessKeyId(), role.secretAccessKey(), role.region(), role.service(), uri.authority())
                .headers(call.method(), uri, headers, body.payload(), role.sessionToken(), moment.now())
                .forEach(this::putSecret);
    }

    private void putSecret(String name, String value) {
        headers.put(name, value);
        secret.add(name);
    }

    /** Adds the definition's headers; returns whether they include a user agent. */
    private boolean define(Names all) {
        boolean ownAgent = false;
        for (var entry : target.provider().proxy().headers()) {
            var value = entry.value().resolve(all, moment);
            if (value.isPresent()) {
                headers.put(entry.name(), value.get());
                ownAgent |= entry.name().equals("user-agent");
                if (usesCredentials(entry.value())) {
                    secret.add(entry.name());
                }
            }
        }
        return ownAgent;
    }

    private static boolean usesCredentials(Template template) {
        return template.variables().stream()
                .anyMatch(name -> !name.startsWith("connectionConfig.")
                        && !name.startsWith("metadata.")
                        && !RequestNames.ALL.contains(name));
    }

    /** The fields of a body that is sent as a URL-encoded form. */
    private String form(Body body) {
        var type = call.headers().getOrDefault("content-type", body.type());
        return type.toLowerCase(Locale.ROOT).startsWith(Body.FORM) ? new String(body.content(), UTF_8) : "";
    }
}
