package dev.millrace.server.record;

/**
 * The records of one model of one connection.
 *
 * @param connection the internal id
 * @param model the full name: {@code Model}, or {@code Model::variant} unless the variant is {@code base}
 */
public record Dataset(long connection, String model) {
    private static final String SEPARATOR = "::";
    private static final String BASE = "base";

    public static Dataset of(long connection, String model, String variant) {
        return new Dataset(connection, name(model, variant));
    }

    /** The full name. */
    static String name(String model, String variant) {
        return variant.equals(BASE) ? model : model + SEPARATOR + variant;
    }

    /** The model's name without the variant. */
    public String base() {
        int end = model.indexOf(SEPARATOR);
        return end < 0 ? model : model.substring(0, end);
    }

    public String variant() {
        int end = model.indexOf(SEPARATOR);
        return end < 0 ? BASE : model.substring(end + SEPARATOR.length());
    }
}
