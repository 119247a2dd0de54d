package dev.millrace.bench;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Records like those of business software: a contact of about a kilobyte with two dozen fields, in the API's order, all
 * different. The same number and version always give the same text.
 */
public final class Sample {
    private static final String[] FIRST = words("Ada Grace Alan Edsger Barbara Donald Frances Kenneth Radia Niklaus");
    private static final String[] LAST = words("Lovelace Hopper Turing Dijkstra Liskov Knuth Allen Thompson Perlman");
    private static final String[] CITIES = words("Utrecht Porto Leipzig Malmö Gdańsk Toulouse Cork Turin Oulu Brno");
    private static final String[] STAGES = words("subscriber lead qualified opportunity customer evangelist");
    private static final String[] TAGS = words("vip newsletter trial partner churned renewal beta webinar inbound");
    private static final String[] WORDS = words(
            "asked for the invoice of last month and a call about the new plan which"
                    + " their team wants to try before summer because support answers slowly since they moved offices again");
    private static final int NOTE_WORDS = 36;

    private Sample() {}

    private static String[] words(String text) {
        return text.split(" ", -1);
    }

    /**
     * One record.
     *
     * @param version changes a status, a score, an amount, a time and the note
     */
    public static byte[] text(String id, long number, int version) {
        var fixed = new SplittableRandom(number);
        var fresh = new SplittableRandom(31 * number + version);
        var json = new StringBuilder(1200).append("{\"id\":\"").append(id).append("\",\"object\":\"contact\"");
        person(json, fixed, number);
        state(json, fixed, fresh, version);
        address(json, fixed);
        custom(json, fixed, fresh);
        json.append(",\"notes\":\"");
        for (int i = 0; i < NOTE_WORDS; i++) {
            json.append(i == 0 ? "" : " ").append(one(WORDS, fresh));
        }
        return json.append(".\"}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void person(StringBuilder json, SplittableRandom random, long number) {
        var first = one(FIRST, random);
        var last = one(LAST, random);
        field(json, "firstName", first);
        field(json, "lastName", last);
        field(json, "email", first.charAt(0) + "." + last + number + "@example.com");
        field(json, "phone", "+31 20 " + (1_000_000 + random.nextInt(9_000_000)));
        json.append(",\"company\":{\"name\":\"")
                .append(last)
                .append(" & Partners ")
                .append(random.nextInt(5000));
        json.append("\",\"domain\":\"")
                .append(last)
                .append(random.nextInt(5000))
                .append(".example\"");
        json.append(",\"industry\":\"SOFTWARE\",\"employees\":")
                .append(random.nextInt(9000))
                .append('}');
        field(json, "jobTitle", "Head of " + one(CITIES, random));
        number(json, "ownerId", 70_000_000 + random.nextInt(999_999));
    }

    private static void state(StringBuilder json, SplittableRandom fixed, SplittableRandom fresh, int version) {
        field(json, "lifecycleStage", one(STAGES, fresh));
        number(json, "score", fresh.nextInt(100));
        json.append(",\"amount\":").append(fresh.nextInt(1_000_000) / 100.0);
        field(json, "currency", "EUR");
        json.append(",\"active\":").append(fixed.nextBoolean()).append(",\"parent\":null");
        field(json, "createdAt", time(2019 + fixed.nextInt(6), fixed));
        field(json, "updatedAt", time(2026 + version, fresh));
        field(json, "lastContactedAt", time(2025, fixed));
        field(json, "source", "import-" + fixed.nextInt(40));
        field(json, "locale", fixed.nextBoolean() ? "nl-NL" : "en-GB");
        json.append(",\"tags\":[\"")
                .append(one(TAGS, fixed))
                .append("\",\"")
                .append(one(TAGS, fixed))
                .append("\"]");
    }

    private static void address(StringBuilder json, SplittableRandom random) {
        json.append(",\"address\":{\"street\":\"Mill Lane ")
                .append(random.nextInt(400))
                .append("\",\"postcode\":\"");
        json.append(1000 + random.nextInt(9000)).append(" AB\",\"city\":\"").append(one(CITIES, random));
        json.append("\",\"country\":\"NL\"}");
        field(json, "url", "https://app.example.com/contacts/" + random.nextInt(Integer.MAX_VALUE));
    }

    private static void custom(StringBuilder json, SplittableRandom fixed, SplittableRandom fresh) {
        json.append(",\"customFields\":[{\"name\":\"plan\",\"value\":\"gold\"},{\"name\":\"seats\",\"value\":");
        json.append(fixed.nextInt(500))
                .append("},{\"name\":\"healthy\",\"value\":")
                .append(fresh.nextBoolean());
        json.append("}]");
    }

    private static String time(int year, SplittableRandom random) {
        return year + "-" + (10 + random.nextInt(3)) + '-' + (10 + random.nextInt(18)) + 'T' + (10 + random.nextInt(14))
                + ':' + (10 + random.nextInt(50)) + ':' + (10 + random.nextInt(50)) + '.' + (100 + random.nextInt(900))
                + 'Z';
    }

    private static void field(StringBuilder json, String name, String value) {
        json.append(",\"").append(name).append("\":\"").append(value).append('"');
    }

    private static void number(StringBuilder json, String name, long value) {
        json.append(",\"").append(name).append("\":").append(value);
    }

    private static String one(String[] of, SplittableRandom random) {
        return of[random.nextInt(of.length)];
    }
}
