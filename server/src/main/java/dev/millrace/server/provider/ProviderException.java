package dev.millrace.server.provider;

import java.util.List;

/** Provider definitions that cannot be used. The message names file, provider and key of each fault. */
public final class ProviderException extends RuntimeException {
    private final List<String> faults;

    ProviderException(List<String> faults) {
        super(String.join("\n", faults));
        this.faults = List.copyOf(faults);
    }

    public List<String> faults() {
        return faults;
    }
}
