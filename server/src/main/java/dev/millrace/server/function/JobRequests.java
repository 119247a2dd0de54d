package dev.millrace.server.function;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Text;
import java.util.UUID;

/** Code shared by the routes of dry runs and deployments. */
public final class JobRequests {
    private JobRequests() {}

    public static Failure unknownIntegration(String integration) {
        return Failure.plain(404, "integration_not_found", "Integration '" + integration + "' was not found");
    }

    /** The id of the job in the path, which must be a UUID. */
    public static UUID id(Request request) {
        var path = request.path();
        var text = path.text("id", Text.ANY);
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException _) {
            path.issue("invalid_format", "Invalid UUID", "id");
            path.end();
            throw new AssertionError("end() throws when there is an issue");
        }
    }

    /**
     * In the reference, external sandboxes report through this route with tokens of their own. Here no token grants
     * access to it.
     */
    public static Failure sandboxOnly() {
        return Failure.plain(403, "forbidden", "Only a sandbox may report a result.");
    }
}
