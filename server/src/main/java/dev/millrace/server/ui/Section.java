package dev.millrace.server.ui;

/** The entries of the navigation. One appears as soon as a page answers its path. */
enum Section {
    OVERVIEW("overview", "Overview"),
    CONNECTIONS("connections", "Connections"),
    INTEGRATIONS("integrations", "Integrations"),
    SYNCS("syncs", "Syncs"),
    FUNCTIONS("functions", "Functions"),
    RECORDS("records", "Records"),
    LOG("log", "Log"),
    DELIVERIES("deliveries", "Deliveries"),
    SETTINGS("settings", "Settings");

    private final String path;
    private final String title;

    Section(String path, String title) {
        this.path = path;
        this.title = title;
    }

    String path() {
        return path;
    }

    String title() {
        return title;
    }
}
