package dev.millrace.server.ui;

import gg.jte.TemplateOutput;
import gg.jte.html.HtmlInterceptor;
import gg.jte.html.HtmlTemplateOutput;
import gg.jte.html.OwaspHtmlTemplateOutput;
import gg.jte.output.Utf8ByteOutput;
import java.util.Map;

/** Renders templates. Whatever a template prints is escaped for its place. */
final class Html {
    /** Templates take an interceptor, which none of ours needs. */
    static final HtmlInterceptor NONE = new HtmlInterceptor() {
        @Override
        public void onHtmlTagOpened(String name, Map<String, Object> attributes, TemplateOutput output) {}

        @Override
        public void onHtmlTagClosed(String name, TemplateOutput output) {}
    };

    private Html() {}

    /** A template with its values. */
    @FunctionalInterface
    interface Template {
        void render(HtmlTemplateOutput out, Page page);
    }

    static byte[] bytes(Page page, Template template) {
        var out = new Utf8ByteOutput();
        template.render(new OwaspHtmlTemplateOutput(out), page);
        return out.toByteArray();
    }
}
