package dev.millrace.cli.crm;

/** The few pages of the sample CRM. */
final class Html {
    private Html() {}

    static String page(String title, String content) {
        return """
                <!doctype html>
                <html lang="en">
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%s</title>
                <style>
                  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
                  body { max-width: 26rem; margin: 12vh auto; padding: 0 1rem }
                  button { font: inherit; padding: .5rem 1.25rem; border: 0; border-radius: .4rem; background: #1f5f8b;
                    color: #fff; cursor: pointer }
                  button.other { background: transparent; color: inherit; outline: 1px solid currentcolor }
                </style>
                <main>%s</main>
                </html>
                """.formatted(escape(title), content);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
