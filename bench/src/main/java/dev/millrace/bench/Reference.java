package dev.millrace.bench;

/**
 * What a yardstick needed: Nango 0.71, whose protocol Millrace speaks, for the same on a machine of the same size, unless the
 * text says otherwise.
 *
 * @param text as it is shown
 * @param value of the quantity to compare
 */
record Reference(String text, double value) {
    /** It has nothing of the kind. */
    static final Reference NONE = new Reference("-", Double.NaN);

    /** How many times less we need. */
    double factor(double ours) {
        return value / ours;
    }
}
