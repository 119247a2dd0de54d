package dev.millrace.cli;

import dev.millrace.client.MillraceException;
import dev.millrace.server.db.DatabaseFailure;
import dev.millrace.server.db.embedded.EmbeddedPostgresFailure;
import dev.millrace.server.encryption.KeysRefused;
import dev.millrace.server.provider.ProviderException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A failure that the user can correct: it is reported without a stack trace. */
final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UserError(String message) {
        super(message);
    }

    UserError(String message, Throwable cause) {
        super(message, cause);
    }

    /** The message for the user; empty for a bug, which needs its stack trace. */
    static Optional<String> of(@Nullable Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserError
                    || cause instanceof EmbeddedPostgresFailure
                    || cause instanceof DatabaseFailure
                    || cause instanceof KeysRefused
                    || cause instanceof ProviderException
                    || cause instanceof MillraceException) {
                return Optional.ofNullable(cause.getMessage());
            }
        }
        return Optional.empty();
    }
}
