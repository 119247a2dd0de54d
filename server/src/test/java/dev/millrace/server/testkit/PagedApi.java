package dev.millrace.server.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.testkit.ScriptedApi.Asked;
import dev.millrace.server.testkit.ScriptedApi.Given;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** An API whose answers come in pages, in all the ways that APIs have. */
public final class PagedApi {
    private PagedApi() {}

    /** How the last page tells that it is the last. */
    public enum Ending {
        NO_FIELD,
        NULL,
        EMPTY_TEXT,
        NEITHER_TEXT_NOR_NUMBER,
        THE_SAME_AGAIN
    }

    /**
     * Pages that are found by a cursor.
     *
     * @param sizes how many items each page has
     * @param numbers whether cursors are numbers, from 0 on, or texts with blanks around them
     * @param missing whether a page without items lacks the whole list
     */
    public record Cursors(List<Integer> sizes, boolean numbers, boolean missing, Ending ending) {
        public JsonNode cursor(int page) {
            var factory = RawClient.JSON.getNodeFactory();
            return numbers ? factory.numberNode(page - 1) : factory.stringNode("c" + page);
        }

        public Given answer(Asked asked) {
            var sent = sent(asked, "page.cursor");
            int page = sent == null ? 0 : number(sent);
            var answer = page(sizes, page, missing);
            boolean last = page == sizes.size() - 1;
            if (!last) {
                answer.putObject("meta").set("next", padded(cursor(page + 1)));
            } else {
                end(answer, page);
            }
            return Given.json(answer);
        }

        private int number(JsonNode sent) {
            return numbers ? sent.asInt() + 1 : Integer.parseInt(sent.asString().substring(1));
        }

        private JsonNode padded(JsonNode cursor) {
            return cursor.isString()
                    ? RawClient.JSON.getNodeFactory().stringNode(" " + cursor.asString() + " ")
                    : cursor;
        }

        private void end(ObjectNode answer, int page) {
            switch (ending) {
                case NO_FIELD -> {}
                case NULL -> answer.putObject("meta").putNull("next");
                case EMPTY_TEXT -> answer.putObject("meta").put("next", "  ");
                case NEITHER_TEXT_NOR_NUMBER -> answer.putObject("meta").put("next", true);
                case THE_SAME_AGAIN -> {
                    if (page > 0) {
                        answer.putObject("meta").set("next", padded(cursor(page)));
                    }
                }
            }
        }
    }

    /**
     * Pages that name the next one.
     *
     * @param inHeader whether the link stands in the header; else in the body
     * @param absolute the address of the API for links that have it, else an empty text
     */
    public record Links(List<Integer> sizes, boolean inHeader, String absolute, boolean missing, boolean endless) {
        public Given answer(Asked asked) {
            var at = sent(asked, "at");
            int page = at == null ? 0 : at.asInt();
            var answer = page(sizes, page, missing);
            int next = page + 1 < sizes.size() ? page + 1 : endless && page > 0 ? page : -1;
            var headers = new HashMap<>(Map.of("content-type", "application/json"));
            var first = "<" + absolute + "/things?at=0>; rel=\"first\"";
            headers.put("link", first);
            if (next >= 0) {
                var link = absolute + "/things?x=a,b;c&at=" + next;
                if (inHeader) {
                    headers.put("link", first + ", <" + link + ">; title=\"it\"; rel=\"next last\"");
                } else {
                    answer.putObject("links").put("next", link);
                }
            }
            return new Given(200, headers, answer.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    /**
     * Items from an offset on, or pages by their number.
     *
     * @param first the number of the first page
     */
    public record Offsets(int total, int size, boolean pages, int first, boolean missing) {
        public Given answer(Asked asked) {
            var sent = sent(asked, "page.offset");
            int offset = sent == null ? -1 : sent.asInt();
            assertThat(offset).as("%s", asked).isNotNegative();
            int from = Math.min(total, pages ? (offset - first) * size : offset);
            int to = Math.min(total, from + size);
            return Given.json(items(IntStream.range(from, to), missing));
        }
    }

    /** The items of a page; they are numbered through all pages. */
    private static ObjectNode page(List<Integer> sizes, int page, boolean missing) {
        int from = sizes.subList(0, page).stream().mapToInt(Integer::intValue).sum();
        return items(IntStream.range(from, from + sizes.get(page)), missing);
    }

    private static ObjectNode items(IntStream numbers, boolean missing) {
        var answer = RawClient.JSON.createObjectNode();
        ArrayNode items = RawClient.JSON.createArrayNode();
        numbers.forEach(items::add);
        if (!missing || !items.isEmpty()) {
            answer.putObject("result").set("items", items);
        }
        return answer;
    }

    /** A parameter out of the JSON body (a path) or the query (a name); null when it was not sent. */
    public static @Nullable JsonNode sent(Asked asked, String name) {
        if (asked.body().length > 0) {
            var node = RawClient.JSON.readTree(asked.text()).at("/" + name.replace('.', '/'));
            return node.isMissingNode() ? null : node;
        }
        for (var pair : asked.query().split("&", -1)) {
            if (pair.startsWith(name + "=")) {
                var value = URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
                return RawClient.JSON.getNodeFactory().stringNode(value);
            }
        }
        return null;
    }
}
