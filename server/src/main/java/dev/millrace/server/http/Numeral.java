package dev.millrace.server.http;

import java.math.BigDecimal;

/** A number that is written as it was read: {@code 1E400} stays that, and {@code -0} keeps its sign. Immutable. */
final class Numeral extends BigDecimal {
    private static final long serialVersionUID = 1L;

    private final String text;

    /** @throws NumberFormatException when the exponent is beyond what a decimal holds */
    Numeral(String text) {
        super(text);
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
