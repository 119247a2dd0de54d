package dev.millrace.bench;

/**
 * The value of the reference, Nango 0.71, for the same scenario on a machine of the same size, unless the text says
 * otherwise.
 *
 * @param text for display
 * @param value the number to compare
 */
record Reference(String text, double value) {
    /** The reference has no such feature. */
    static final Reference NONE = new Reference("-", Double.NaN);

    /** The reference's value divided by ours. */
    double factor(double ours) {
        return value / ours;
    }
}
