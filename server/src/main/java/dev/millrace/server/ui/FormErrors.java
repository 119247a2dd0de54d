package dev.millrace.server.ui;

import dev.millrace.server.http.Failure;
import dev.millrace.server.http.Issue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was wrong in a form, by the names of its fields; the rest is said at its top. */
record FormErrors(Map<String, String> byField, List<String> others) {
    static final FormErrors NONE = new FormErrors(Map.of(), List.of());

    FormErrors {
        byField = Map.copyOf(byField);
        others = List.copyOf(others);
    }

    static FormErrors of(String field, String message) {
        return new FormErrors(Map.of(field, message), List.of());
    }

    /**
     * What the API would answer. Its fields are those of the form, perhaps in an object.
     *
     * @param fields the fields of the form
     */
    static FormErrors of(Failure failure, List<String> fields) {
        if (!(failure instanceof Failure.Invalid invalid)) {
            return new FormErrors(
                    Map.of(), List.of(Optional.ofNullable(failure.getMessage()).orElse("This was refused.")));
        }
        var byField = new LinkedHashMap<String, String>();
        var others = new ArrayList<String>();
        for (var issue : invalid.issues()) {
            field(issue, fields)
                    .ifPresentOrElse(
                            field -> byField.merge(field, sentence(issue), (a, b) -> a + ' ' + b),
                            () -> others.add(String.join(".", issue.path()) + ": " + sentence(issue)));
        }
        return new FormErrors(byField, others);
    }

    private static Optional<String> field(Issue issue, List<String> fields) {
        return issue.path().reversed().stream().filter(fields::contains).findFirst();
    }

    private static String sentence(Issue issue) {
        return issue.message().endsWith(".") ? issue.message() : issue.message() + '.';
    }

    /** Empty when the field is right. */
    String at(String field) {
        return byField.getOrDefault(field, "");
    }

    boolean isEmpty() {
        return byField.isEmpty() && others.isEmpty();
    }
}
