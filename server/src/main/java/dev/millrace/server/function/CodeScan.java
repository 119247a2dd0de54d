package dev.millrace.server.function;

import dev.millrace.server.http.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Refuses code that tries to create functions from text. Thread-safe. */
final class CodeScan {
    private final Scanner scanner;

    CodeScan(Scanner scanner) {
        this.scanner = scanner;
    }

    /** Scans JavaScript texts; returns the positions of those to refuse. */
    public interface Scanner {
        List<Integer> refused(List<String> scripts) throws InterruptedException;
    }

    void check(List<Draft> drafts) throws InterruptedException {
        // Without this word there is nothing to find, and no parser has to be started.
        var suspects = new ArrayList<Draft>();
        for (var draft : drafts) {
            if (draft.js().contains("constructor") || draft.js().contains("\\")) {
                suspects.add(draft);
            }
        }
        if (suspects.isEmpty()) {
            return;
        }
        var refused = scanner.refused(suspects.stream().map(Draft::js).toList());
        if (!refused.isEmpty()) {
            var names = refused.stream().map(i -> suspects.get(i).key().name()).collect(Collectors.joining(", "));
            throw Failure.plain(
                    400,
                    "deploy_script_security_rejected",
                    "Calling a constructor property with arguments is not allowed in functions: " + names);
        }
    }
}
