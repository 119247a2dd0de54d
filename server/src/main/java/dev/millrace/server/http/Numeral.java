package dev.millrace.server.http;

import java.math.BigDecimal;

/** A number in its original notation: {@code 1E400} and {@code -0} stay unchanged. Immutable. */
final class Numeral extends BigDecimal {
    private static final long serialVersionUID = 1L;

    private final String text;

    /** @throws NumberFormatException when the exponent exceeds the range of a decimal */
    Numeral(String text) {
        super(text);
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
