package dev.millrace.cli.crm;

import java.time.Instant;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A contact, serialised once; lists only copy its bytes. */
record Contact(String id, String region, boolean archived, byte[] json) {
    static final List<String> REGIONS = List.of("emea", "amer", "apac");

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> FIRST = List.of(
            "Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Frances", "Niklaus", "Radia", "Ken", "Lynn");
    private static final List<String> LAST =
            List.of("Mills", "Brook", "Rivers", "Ford", "Weir", "Lake", "Wells", "Marsh", "Pond");
    private static final List<String> PLANS = List.of("free", "silver", "gold");
    private static final Instant FIRST_CHANGE = Instant.parse("2026-01-01T08:00:00Z");
    private static final int SEATS = 40;
    private static final int ARCHIVED_OF_TEN = 7;

    static Contact of(ObjectNode node) {
        return new Contact(
                node.path("id").asString(),
                node.path("region").asString(),
                node.path("archived").asBoolean(),
                JSON.writeValueAsBytes(node));
    }

    /** The contact with a number, which is always the same. */
    static Contact generate(int number) {
        var first = FIRST.get(number % FIRST.size());
        var last = LAST.get(number / FIRST.size() % LAST.size());
        var node = JSON.createObjectNode()
                .put("id", "c-%05d".formatted(number))
                .put(
                        "email",
                        "%s.%s.%d@example.com".formatted(first, last, number).toLowerCase(java.util.Locale.ROOT))
                .put("name", first + " " + last)
                .put("region", REGIONS.get(number % REGIONS.size()))
                .put("archived", number % 10 == ARCHIVED_OF_TEN)
                .put("updated_at", FIRST_CHANGE.plusSeconds(60L * number).toString());
        node.putObject("custom")
                .put("cf_plan", PLANS.get(number / REGIONS.size() % PLANS.size()))
                .put("cf_seats", 1 + number * 7 % SEATS)
                .put("cf_owner", LAST.get(number % LAST.size()));
        return of(node);
    }

    /** A copy to be changed. */
    ObjectNode node() {
        return (ObjectNode) JSON.readTree(json);
    }
}
