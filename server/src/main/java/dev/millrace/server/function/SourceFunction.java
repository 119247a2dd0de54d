package dev.millrace.server.function;

import dev.millrace.server.function.js.Compiler;
import dev.millrace.server.function.js.Script;
import dev.millrace.server.http.Json;
import java.time.Instant;
import java.util.Optional;

/**
 * A function compiled from source text for execution, not for a deploy.
 *
 * @param function in the form of a stored one; its id is 0
 */
public record SourceFunction(Function function, Script script) {
    /** @throws dev.millrace.server.http.Failure when a deploy would refuse it */
    public static SourceFunction of(long environment, long integration, Compiler.Compiled compiled, Instant now) {
        var draft =
                SourceDeployments.asDeploy(compiled, Optional.empty()).drafts().getFirst();
        var key = draft.key();
        var function = new Function(
                0,
                environment,
                integration,
                key.integration(),
                key.kind(),
                key.name(),
                key.event(),
                draft.version().orElse("1"),
                true,
                "standalone",
                Optional.of(SourceDeployments.SDK_VERSION),
                draft.description(),
                draft.scopes(),
                draft.runs(),
                draft.autoStart(),
                draft.trackDeletes(),
                draft.syncType(),
                draft.models(),
                draft.input(),
                Json.text(draft.endpoints()),
                draft.webhookSubscriptions(),
                draft.jsonSchema().map(Json::text),
                draft.features(),
                Optional.empty(),
                draft.codeHash(),
                now);
        var script =
                new Script(key.name(), key.integration(), draft.codeHash(), draft.js(), SourceDeployments.SDK_VERSION);
        return new SourceFunction(function, script);
    }
}
